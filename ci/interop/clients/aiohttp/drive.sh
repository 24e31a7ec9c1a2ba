#!/usr/bin/env bash
# Runs the aiohttp client as a driver of the control paths: drive.sh SERVER AGENT [deflate]
set -euo pipefail
usage="usage: drive.sh SERVER AGENT [deflate]"
: "${1:?$usage}" "${2:?$usage}"
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../../target/interop}/aiohttp
exec "$dir/bin/python" "$here/driver.py" "$@"
