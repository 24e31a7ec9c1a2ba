#!/usr/bin/env bash
# Installs the PyPI package aiohttp, pinned by requirements.txt; prints "aiohttp VERSION".
set -euo pipefail
exec "$(dirname "$0")/../install-venv.sh" aiohttp
