#!/usr/bin/env bash
# Installs what the RPC server runs on, which is the package of the target aiohttp; prints "rpc on aiohttp VERSION".
set -euo pipefail
echo "rpc on $("$(dirname "$0")/../aiohttp/install.sh")"
