#!/usr/bin/env bash
# Installs the PyPI package websocket-client, pinned by requirements.txt; prints "websocket-client VERSION".
set -euo pipefail
exec "$(dirname "$0")/../../install-venv.sh" websocket-client "$(dirname "$0")/requirements.txt"
