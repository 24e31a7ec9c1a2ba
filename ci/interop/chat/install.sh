#!/usr/bin/env bash
# Installs what the chat runs on, which is the package of the target websockets; prints "chat on websockets VERSION".
set -euo pipefail
echo "chat on $("$(dirname "$0")/../websockets/install.sh")"
