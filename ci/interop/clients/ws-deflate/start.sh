#!/usr/bin/env bash
# Runs the ws echo client with permessage-deflate: start.sh URL
set -euo pipefail
url=${1:?usage: start.sh URL}
exec "$(dirname "$0")/../ws/start.sh" "$url" deflate
