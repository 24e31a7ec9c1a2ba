#!/usr/bin/env bash
# Runs the libwebsockets client as a driver of the control paths: drive.sh SERVER AGENT
set -euo pipefail
usage="usage: drive.sh SERVER AGENT"
server=${1:?$usage}
agent=${2:?$usage}
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../../target/interop}/libwebsockets-client
exec "$dir/server" drive "$server" "$agent"
