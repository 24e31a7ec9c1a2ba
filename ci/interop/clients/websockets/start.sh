#!/usr/bin/env bash
# Runs the websockets echo client: start.sh URL [deflate]
set -euo pipefail
: "${1:?usage: start.sh URL [deflate]}"
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../../target/interop}/websockets
exec "$dir/bin/python" "$here/client.py" "$@"
