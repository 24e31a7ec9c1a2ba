#!/usr/bin/env bash
# Installs what the ws client needs, which is what the server has; prints "ws VERSION".
set -euo pipefail
exec "$(dirname "$0")/../../ws/install.sh"
