#!/usr/bin/env bash
# Installs what the target libwebsockets runs on; prints "libwebsockets-deflate on libwebsockets VERSION".
set -euo pipefail
echo "libwebsockets-deflate on $("$(dirname "$0")/../libwebsockets/install.sh")"
