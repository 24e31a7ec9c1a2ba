#!/usr/bin/env bash
# Installs what the aiohttp client needs, which is what the server has; prints "aiohttp VERSION".
set -euo pipefail
exec "$(dirname "$0")/../../aiohttp/install.sh"
