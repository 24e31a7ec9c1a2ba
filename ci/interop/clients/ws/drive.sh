#!/usr/bin/env bash
# Runs the ws client as a driver of the control paths: drive.sh SERVER AGENT
set -euo pipefail
usage="usage: drive.sh SERVER AGENT"
server=${1:?$usage}
agent=${2:?$usage}
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../../target/interop}/ws
NODE_PATH=$dir/node_modules exec node "$here/driver.cjs" "$server" "$agent"
