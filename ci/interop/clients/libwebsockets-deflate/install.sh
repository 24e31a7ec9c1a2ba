#!/usr/bin/env bash
# Builds the client on libwebsockets, which has both modes; prints "libwebsockets-deflate on libwebsockets-client VERSION".
set -euo pipefail
echo "libwebsockets-deflate on $("$(dirname "$0")/../libwebsockets/install.sh")"
