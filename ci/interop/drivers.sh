#!/usr/bin/env bash
# Has the drivers of the control paths tested by wsspec wstest, those that need no package of Debian or the named ones: drivers.sh [--bless|--autobahn WSTEST] [NAME...]
# The 301 cases without compression are run, or those in cases.json of the driver. What is said of each has to be what reports/interop/drivers has on record, and to differ
# from Autobahn's words only where drivers-differences.json has a reason. --bless takes the new words for the right ones; --autobahn
# records those of a wstest that is installed. WSSPEC names another program than the release build.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
ours=$repo/reports/interop/drivers
theirs=$here/autobahn/drivers
found=$repo/target/interop-runs/drivers

bless=false
wstest=
case "${1:-}" in
  --bless) bless=true; shift ;;
  --autobahn) wstest=$(realpath "${2:?usage: drivers.sh --autobahn WSTEST [NAME...]}"); shift 2 ;;
esac
[ $# -gt 0 ] || set -- ws websockets aiohttp websocket-client tokio-tungstenite fastwebsockets ws-deflate websockets-deflate aiohttp-deflate
wsspec=$("$repo/ci/build.sh")
# earlier runs of other drivers are not compared again
rm -rf "$found"

if [ -n "$wstest" ]; then
  for name; do
    "$here/clients/$name/install.sh" >/dev/null
    # a thousand messages in each of the cases on compression, one after the other
    "$repo/ci/bench/control.py" wstest "$name" "$theirs/$name.json" --limit 3600 -- "$wstest"
  done
  exit
fi

# What is left of a run that came to no good end is no report.
drive() {
  "$repo/ci/bench/control.py" wsspec "$1" "$found/$1.json" -- "$wsspec" wstest || rm -f "$found/$1.json"
}

# Drivers beside each other: some of them mostly wait for their own timeouts.
beside=2
mkdir -p "$found"
for name; do
  "$here/clients/$name/install.sh" >/dev/null
done
for name; do
  while [ "$(jobs -pr | wc -l)" -ge "$beside" ]; do wait -n || true; done
  drive "$name" >"$found/$name.log" 2>&1 </dev/null &
done
wait

failed=()
for name; do
  cat "$found/$name.log"
  if ! [ -e "$found/$name.json" ]; then
    failed+=("$name")
  elif "$bless"; then
    mkdir -p "$ours"
    cp "$found/$name.json" "$ours/$name.json"
  fi
done
"$here/drivers-agreement.py" "$found" || failed+=("agreement")
if [ "${#failed[@]}" -gt 0 ]; then
  echo "drivers.sh: failed: ${failed[*]}" >&2
  exit 1
fi
