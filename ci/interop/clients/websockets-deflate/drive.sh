#!/usr/bin/env bash
# Runs the websockets client as a driver of the control paths with permessage-deflate, which it offers by default: drive.sh SERVER AGENT
set -euo pipefail
usage="usage: drive.sh SERVER AGENT"
exec "$(dirname "$0")/../websockets/drive.sh" "${1:?$usage}" "${2:?$usage}"
