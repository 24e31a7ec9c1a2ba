#!/usr/bin/env bash
# Runs the ws echo client: start.sh URL [deflate]
set -euo pipefail
: "${1:?usage: start.sh URL [deflate]}"
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../../target/interop}/ws
NODE_PATH=$dir/node_modules exec node "$here/client.cjs" "$@"
