#!/usr/bin/env bash
# Installs what the ws client needs, which is what the server has; prints "ws-deflate on ws VERSION".
set -euo pipefail
echo "ws-deflate on $("$(dirname "$0")/../ws/install.sh")"
