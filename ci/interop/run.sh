#!/usr/bin/env bash
# Runs all cases against the interop targets, all of them or the named ones: run.sh [--bless] [NAME...]
# The verdicts have to be those in reports/interop, octet for octet, and have to agree with Autobahn's
# but for what differences.json explains. --bless takes the new verdicts for the right ones.
# WSSPEC names another program than the release build; the run directories stay in target/interop-runs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
wsspec=$repo/ci/wsspec.sh
runs=$repo/target/interop-runs
reports=$repo/reports/interop

bless=false
if [ "${1:-}" = --bless ]; then
  bless=true
  shift
fi
targets=$("$here/install.sh" "$@")
command -v python3 >/dev/null || "$here/debian.sh" python3
mkdir -p "$runs" "$reports"

# Below the range from which systems take the ports of outgoing connections: a harness that knocks there
# before the target listens could otherwise be connected to itself.
free_port() {
  local port
  while port=$((10000 + RANDOM % 20000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

failed=()
while read -r name version; do
  port=$(free_port)
  started=$SECONDS
  code=0
  "$wsspec" server "ws://127.0.0.1:$port" --spawn "exec '$here/$name/start.sh' $port" --name "$name" --echo yes \
    --out "$runs/$name" >"$runs/$name.log" 2>&1 </dev/null || code=$?
  echo "$name $version: $(grep -E '^[a-z]+: [0-9]+$' "$runs/$name.log" | paste -sd ' ') in $((SECONDS - started)) s"
  # 1 says that the target fails cases, which is for its verdicts to tell. Everything else is no finished run.
  if [ "$code" -gt 1 ]; then
    tail -n 30 "$runs/$name.log" >&2
    echo "run.sh: wsspec ended with $code on $name; see $runs/$name" >&2
    failed+=("$name")
  elif "$bless"; then
    cp "$runs/$name/verdicts.json" "$reports/$name.verdicts.json"
  elif ! diff -u --label "reports/interop/$name.verdicts.json" --label "this run" \
    "$reports/$name.verdicts.json" "$runs/$name/verdicts.json" >&2; then
    echo "run.sh: other verdicts on $name than the ones on record; if they are right: ci/interop/run.sh --bless $name" >&2
    failed+=("$name")
  fi
done <<<"$targets"

"$wsspec" list --format json | python3 "$here/agreement.py" || failed+=("agreement")

if [ "${#failed[@]}" -gt 0 ]; then
  echo "run.sh: failed: ${failed[*]}" >&2
  exit 1
fi
