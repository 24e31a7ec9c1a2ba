#!/usr/bin/env bash
# Installs what the websockets client needs, which is what the server has; prints "websockets-deflate on websockets VERSION".
set -euo pipefail
echo "websockets-deflate on $("$(dirname "$0")/../websockets/install.sh")"
