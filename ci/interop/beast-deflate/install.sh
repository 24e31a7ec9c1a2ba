#!/usr/bin/env bash
# Installs what the target beast runs on; prints "beast-deflate on beast VERSION".
set -euo pipefail
echo "beast-deflate on $("$(dirname "$0")/../beast/install.sh")"
