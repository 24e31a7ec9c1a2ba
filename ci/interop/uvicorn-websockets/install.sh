#!/usr/bin/env bash
# Installs what the target uvicorn runs on, its backend websockets included; prints "uvicorn-websockets on uvicorn VERSION".
set -euo pipefail
echo "uvicorn-websockets on $("$(dirname "$0")/../uvicorn/install.sh")"
