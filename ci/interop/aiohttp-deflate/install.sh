#!/usr/bin/env bash
# Installs what the target aiohttp runs on; prints "aiohttp-deflate on aiohttp VERSION".
set -euo pipefail
echo "aiohttp-deflate on $("$(dirname "$0")/../aiohttp/install.sh")"
