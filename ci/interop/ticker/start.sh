#!/usr/bin/env bash
# Runs the ticker in the foreground: start.sh PORT
set -euo pipefail
port=${1:?usage: start.sh PORT}
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../target/interop}/ws
NODE_PATH=$dir/node_modules exec node "$here/server.cjs" "$port"
