#!/usr/bin/env bash
# Times the control paths against Autobahn's, with the same driver: control.sh [DRIVER [RUNS]]
# Prints a line for each: the wall time of the 301 cases without compression up to the reports, CPU times and peak memory.
# WSTEST names an installed wstest, WSSPEC another program than the release build.
set -euo pipefail
driver=${1:-tokio-tungstenite}
runs=${2:-3}
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
wstest=${WSTEST:-$repo/target/bench/wstest/bin/wstest}
wsspec=$("$here/../build.sh")
"$here/../interop/clients/$driver/install.sh"
"$here/control.py" --runs "$runs" wsspec "$driver" "$repo/target/bench/control/wsspec.json" -- "$wsspec" wstest
[ ! -x "$wstest" ] || "$here/control.py" --runs "$runs" wstest "$driver" "$repo/target/bench/control/wstest.json" -- "$wstest"
