#!/usr/bin/env bash
# Installs the PyPI package uvicorn with what its WebSocket backends need, pinned by requirements.txt; prints "uvicorn VERSION".
set -euo pipefail
exec "$(dirname "$0")/../install-venv.sh" uvicorn
