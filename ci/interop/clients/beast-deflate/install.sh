#!/usr/bin/env bash
# Builds the client on Boost.Beast, which has both modes; prints "beast-deflate on beast-client VERSION".
set -euo pipefail
echo "beast-deflate on $("$(dirname "$0")/../beast/install.sh")"
