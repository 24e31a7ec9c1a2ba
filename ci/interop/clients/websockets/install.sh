#!/usr/bin/env bash
# Installs what the websockets client needs, which is what the server has; prints "websockets VERSION".
set -euo pipefail
exec "$(dirname "$0")/../../websockets/install.sh"
