#!/usr/bin/env bash
# Runs the ws echo server with permessage-deflate in the foreground: start.sh PORT
set -euo pipefail
port=${1:?usage: start.sh PORT}
exec "$(dirname "$0")/../ws/start.sh" "$port" deflate
