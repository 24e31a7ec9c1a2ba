#!/usr/bin/env bash
# Runs the libwebsockets echo server in the foreground: start.sh PORT [deflate]
set -euo pipefail
: "${1:?usage: start.sh PORT [deflate]}"
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../target/interop}/libwebsockets
exec "$dir/server" "$@"
