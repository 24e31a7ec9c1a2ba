#!/usr/bin/env bash
# Installs the PyPI package websockets, pinned by requirements.txt; prints "websockets VERSION".
set -euo pipefail
exec "$(dirname "$0")/../install-venv.sh" websockets
