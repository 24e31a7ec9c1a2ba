#!/usr/bin/env bash
# Runs the aiohttp echo client with permessage-deflate: start.sh URL
set -euo pipefail
url=${1:?usage: start.sh URL}
exec "$(dirname "$0")/../aiohttp/start.sh" "$url" deflate
