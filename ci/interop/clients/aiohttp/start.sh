#!/usr/bin/env bash
# Runs the aiohttp echo client: start.sh URL
set -euo pipefail
url=${1:?usage: start.sh URL}
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../../target/interop}/aiohttp
exec "$dir/bin/python" "$here/client.py" "$url"
