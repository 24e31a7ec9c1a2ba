#!/usr/bin/env bash
# Runs the gorilla echo server in the foreground: start.sh PORT
set -euo pipefail
port=${1:?usage: start.sh PORT}
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../target/interop}/gorilla
# One thread for the program itself, like every other target here: the harness keeps the second core.
GOMAXPROCS=1 exec "$dir/server" "$port"
