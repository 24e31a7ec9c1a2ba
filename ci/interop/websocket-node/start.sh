#!/usr/bin/env bash
# Runs the websocket-node echo server in the foreground: start.sh PORT
set -euo pipefail
port=${1:?usage: start.sh PORT}
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../target/interop}/websocket-node
NODE_PATH=$dir/node_modules exec node "$here/server.cjs" "$port"
