#!/usr/bin/env bash
# Runs the libwebsockets echo client with permessage-deflate: start.sh URL
set -euo pipefail
url=${1:?usage: start.sh URL}
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../../target/interop}/libwebsockets-client
exec "$dir/server" echo "$url"
