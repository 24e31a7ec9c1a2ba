#!/usr/bin/env bash
# Installs the npm package ws, pinned by package-lock.json; prints "ws VERSION".
set -euo pipefail
exec "$(dirname "$0")/../install-npm.sh" ws
