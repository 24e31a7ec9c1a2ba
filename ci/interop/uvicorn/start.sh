#!/usr/bin/env bash
# Runs the uvicorn echo server in the foreground: start.sh PORT [BACKEND]
# Without a BACKEND it is the one that uvicorn itself chooses.
set -euo pipefail
port=${1:?usage: start.sh PORT [BACKEND]}
backend=${2:-auto}
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../target/interop}/uvicorn
exec "$dir/bin/python" "$here/server.py" "$port" "$backend"
