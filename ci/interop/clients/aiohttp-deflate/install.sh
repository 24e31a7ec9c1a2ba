#!/usr/bin/env bash
# Installs what the aiohttp client needs, which is what the server has; prints "aiohttp-deflate on aiohttp VERSION".
set -euo pipefail
echo "aiohttp-deflate on $("$(dirname "$0")/../aiohttp/install.sh")"
