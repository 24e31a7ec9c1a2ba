#!/usr/bin/env bash
# Runs the websockets echo client: start.sh URL
set -euo pipefail
url=${1:?usage: start.sh URL}
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../../target/interop}/websockets
exec "$dir/bin/python" "$here/client.py" "$url"
