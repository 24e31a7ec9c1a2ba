#!/usr/bin/env bash
# Runs the websockets echo server in the foreground: start.sh PORT [deflate]
set -euo pipefail
: "${1:?usage: start.sh PORT [deflate]}"
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../target/interop}/websockets
exec "$dir/bin/python" "$here/server.py" "$@"
