#!/usr/bin/env bash
# Runs cases against the interop clients, those of CI or the named ones: clients.sh [--bless] [NAME...]
# A client is a process for each case, so only the topics are run in which clients differ most; one that starts slowly, as
# aiohttp does, is run by its name. So is a browser, which drives itself through the page, and all cases are run as
# --profile browser has it. The verdicts have to be those in reports/interop/clients, octet for octet, with their row in its table; --bless takes the new ones for the right ones.
# WSSPEC names another program than the release build; the run directories stay in target/interop-runs/clients.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
runs=$repo/target/interop-runs/clients
reports=$repo/reports/interop/clients
usual=('response/*' 'close/*' 'fragmentation/*' 'framing/reserved-bits/*' 'control/too-long/*' 'utf8/split-*')

bless=false
if [ "${1:-}" = --bless ]; then
  bless=true
  shift
fi
[ $# -gt 0 ] || set -- ws websockets ws-deflate websockets-deflate yawc
wsspec=$("$repo/ci/build.sh")
declare -A versions
for name; do
  versions[$name]=$("$here/clients/$name/install.sh")
done
command -v python3 >/dev/null || "$here/debian.sh" python3
mkdir -p "$runs" "$reports"

failed=()
for name; do
  started=$SECONDS
  code=0
  cases=("${usual[@]}")
  # shellcheck source=/dev/null
  if [ -e "$here/clients/$name/options.sh" ]; then source "$here/clients/$name/options.sh"; fi
  if [ -x "$here/clients/$name/start.sh" ]; then
    "$wsspec" client --name "$name" --jobs 4 --case "${cases[@]}" --out "$runs/$name" \
      -- "$here/clients/$name/start.sh" '{url}' >"$runs/$name.log" 2>&1 </dev/null || code=$?
  else
    # the folder of a client that drives itself has its name
    "$wsspec" client --driver --agents 1 --name "$name" --profile browser --out "$runs" \
      -- "$here/clients/$name/drive.sh" '{url}' "$name" >"$runs/$name.log" 2>&1 </dev/null || code=$?
  fi
  # 1 says that the client fails cases, which is for its verdicts to tell. Everything above is no finished run.
  if [ "$code" -gt 1 ]; then
    tail -n 30 "$runs/$name.log" >&2
    failed+=("$name")
    continue
  fi
  # "NAME VERSION", or what another name is installed under behind "on"
  row=$("$here/counts.py" "$name" "${versions[$name]#"$name "}" "$runs/$name/verdicts.json")
  echo "$row $((SECONDS - started)) s"
  if "$bless"; then
    cp "$runs/$name/verdicts.json" "$reports/$name.verdicts.json"
    sed -i "s/^| \`$name\` |.*/$row/" "$reports/README.md"
  elif ! diff -u "$reports/$name.verdicts.json" "$runs/$name/verdicts.json" >&2; then
    echo "clients.sh: other verdicts on $name than those on record; if they are right: clients.sh --bless $name" >&2
    failed+=("$name")
  elif ! grep -qxF "$row" "$reports/README.md"; then
    echo "clients.sh: reports/interop/clients/README.md lacks the row $row" >&2
    failed+=("$name")
  fi
done
if [ "${#failed[@]}" -gt 0 ]; then
  echo "clients.sh: failed: ${failed[*]}" >&2
  exit 1
fi
