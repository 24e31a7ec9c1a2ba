#!/usr/bin/env bash
# Runs the uvicorn echo server with the backend websockets in the foreground: start.sh PORT
set -euo pipefail
port=${1:?usage: start.sh PORT}
exec "$(dirname "$0")/../uvicorn/start.sh" "$port" websockets
