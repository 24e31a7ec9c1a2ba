#!/usr/bin/env bash
# Installs what the target ws runs on; prints "ws-deflate on ws VERSION".
set -euo pipefail
echo "ws-deflate on $("$(dirname "$0")/../ws/install.sh")"
