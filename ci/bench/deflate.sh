#!/usr/bin/env bash
# Times the 216 cases of compressed messages against an interop target with permessage-deflate: deflate.sh NAME [RUNS]
# Prints a line each for the default profile, for --profile full with its thousand messages a case, and, where WSTEST names an
# installed wstest, for that, which takes a quarter of an hour: wall time, CPU times of both sides side by side, peak memory.
# WSSPEC names another program than the release build, PORT the target's port.
set -euo pipefail
name=${1:?usage: deflate.sh NAME [RUNS]}
runs=${2:-1}
here=$(cd "$(dirname "$0")" && pwd)
cases=(--case 'deflate/parameters/*' 'deflate/payloads/*')
uptime
"$here/wsspec.sh" "$name" "$runs" "${cases[@]}"
"$here/wsspec.sh" "$name" "$runs" "${cases[@]}" --profile full
uptime
if [ -n "${WSTEST:-}" ]; then
  "$here/wstest.sh" "$name" 1 216 '12.*' '13.*'
  uptime
fi
