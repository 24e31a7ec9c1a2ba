#!/usr/bin/env bash
# Runs the aiohttp echo server with permessage-deflate in the foreground: start.sh PORT
set -euo pipefail
port=${1:?usage: start.sh PORT}
exec "$(dirname "$0")/../aiohttp/start.sh" "$port" deflate
