#!/usr/bin/env bash
# Times wsspec against an interop target, on all cases that it has for a server: wsspec.sh NAME [RUNS]
# Prints the medians of wall time, CPU times and peak memory in one line.
# WSSPEC names another binary than the release build, PORT the target's port.
set -euo pipefail
name=${1:?usage: wsspec.sh NAME [RUNS]}
runs=${2:-5}
port=${PORT:-9461}
here=$(cd "$(dirname "$0")" && pwd)
# A run has a working directory of its own, so the path has to be absolute.
wsspec=$(realpath -m "${WSSPEC:-$here/../../target/release/wsspec}")

if [ ! -x "$wsspec" ]; then
  echo "wsspec.sh: no program at $wsspec; build it with 'cargo build --release' or name one with WSSPEC" >&2
  exit 2
fi
agent=$("$here/../interop/install.sh" "$name")
# 1 says that the target failed cases: a finished run too. Everything above says that there is nothing to time.
exec python3 "$here/measure.py" --label "wsspec $agent" --target "$name" --port "$port" --runs "$runs" --accept 0,1 \
  -- "$wsspec" server "ws://127.0.0.1:$port" --echo yes --out report
