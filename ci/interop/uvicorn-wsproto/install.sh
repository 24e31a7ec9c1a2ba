#!/usr/bin/env bash
# Installs what the target uvicorn runs on, its backend wsproto included; prints "uvicorn-wsproto on uvicorn VERSION".
set -euo pipefail
echo "uvicorn-wsproto on $("$(dirname "$0")/../uvicorn/install.sh")"
