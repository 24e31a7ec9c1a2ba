#!/usr/bin/env bash
# Runs the ws client as a driver of the control paths with permessage-deflate, which it offers by default: drive.sh SERVER AGENT
set -euo pipefail
usage="usage: drive.sh SERVER AGENT"
exec "$(dirname "$0")/../ws/drive.sh" "${1:?$usage}" "${2:?$usage}"
