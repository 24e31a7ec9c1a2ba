#!/usr/bin/env bash
# Installs the npm package websocket, pinned by package-lock.json; prints "websocket-node VERSION".
set -euo pipefail
exec "$(dirname "$0")/../install-npm.sh" websocket-node websocket
