#!/usr/bin/env bash
# Runs the yawc echo client, which offers permessage-deflate: start.sh URL
set -euo pipefail
url=${1:?usage: start.sh URL}
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../../target/interop}/crates
exec "$dir/release/interop-yawc-client" "$url"
