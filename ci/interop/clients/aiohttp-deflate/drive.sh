#!/usr/bin/env bash
# Runs the aiohttp client as a driver of the control paths with permessage-deflate: drive.sh SERVER AGENT
set -euo pipefail
usage="usage: drive.sh SERVER AGENT"
exec "$(dirname "$0")/../aiohttp/drive.sh" "${1:?$usage}" "${2:?$usage}" deflate
