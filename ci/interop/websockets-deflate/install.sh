#!/usr/bin/env bash
# Installs what the target websockets runs on; prints "websockets-deflate on websockets VERSION".
set -euo pipefail
echo "websockets-deflate on $("$(dirname "$0")/../websockets/install.sh")"
