#!/usr/bin/env bash
# Runs the aiohttp echo client: start.sh URL [deflate]
set -euo pipefail
: "${1:?usage: start.sh URL [deflate]}"
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../../target/interop}/aiohttp
exec "$dir/bin/python" "$here/client.py" "$@"
