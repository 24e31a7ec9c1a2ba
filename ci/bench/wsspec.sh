#!/usr/bin/env bash
# Times wsspec against an interop target: wsspec.sh NAME [RUNS [ARGUMENT...]]
# Without arguments it runs all cases that it has for a server; `--exclude 'bulk/*'` leaves out the large messages.
# Prints the medians of wall time, CPU times, peak memory and size of the run directory in one line.
# WSSPEC names another program than the release build, PORT the target's port.
set -euo pipefail
name=${1:?usage: wsspec.sh NAME [RUNS [ARGUMENT...]]}
runs=${2:-5}
shift $(($# < 2 ? $# : 2))
port=${PORT:-9461}
here=$(cd "$(dirname "$0")" && pwd)
wsspec=$("$here/../build.sh")
agent=$("$here/../interop/install.sh" "$name")
# 1 says that the target failed cases: a finished run too. Everything above says that there is nothing to time.
exec python3 "$here/measure.py" --label "wsspec $agent" --target "$name" --port "$port" --runs "$runs" --accept 0,1 \
  --folder report -- "$wsspec" server "ws://127.0.0.1:$port" --echo yes --out report "$@"
