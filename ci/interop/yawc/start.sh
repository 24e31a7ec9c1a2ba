#!/usr/bin/env bash
# Runs the yawc echo server in the foreground: start.sh PORT
set -euo pipefail
port=${1:?usage: start.sh PORT}
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../target/interop}/crates
exec "$dir/release/interop-yawc" "$port"
