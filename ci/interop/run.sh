#!/usr/bin/env bash
# Runs the whole corpus against the interop targets, those of CI or the named ones: run.sh [--bless] [NAME...]
# The verdicts have to be those in reports/interop, octet for octet, have to come out again when the transcripts are
# judged offline, and have to agree with Autobahn's but for what differences.json explains.
# --bless takes the new verdicts for the right ones.
# WSSPEC names another program than the release build; the run directories stay in target/interop-runs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
runs=$repo/target/interop-runs
reports=$repo/reports/interop

# Targets beside each other: those with defects mostly wait for answers that never come.
beside=3

bless=false
if [ "${1:-}" = --bless ]; then
  bless=true
  shift
fi
wsspec=$("$repo/ci/build.sh")
names=$("$here/install.sh" --names "$@")
command -v python3 >/dev/null || "$here/debian.sh" python3
mkdir -p "$runs"

# Below the range from which systems take the ports of outgoing connections: a harness that knocks there
# before the target listens could otherwise be connected to itself.
free_port() {
  local port
  while port=$((10000 + RANDOM % 20000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

# Runs one target, and leaves the code and the seconds of the run in its .code file.
run() {
  local name=$1 port=$2 code=0 started=$SECONDS path=/ options=()
  # What has to be said of a target beside its address stands in its folder.
  # shellcheck source=/dev/null
  if [ -e "$here/$name/options.sh" ]; then source "$here/$name/options.sh"; fi
  "$wsspec" server "ws://127.0.0.1:$port$path" --spawn "exec '$here/$name/start.sh' $port" --name "$name" \
    "${options[@]}" --out "$runs/$name" >"$runs/$name.log" 2>&1 </dev/null || code=$?
  echo "$code $((SECONDS - started))" >"$runs/$name.code"
}

# A target runs while the next is installed: those that take long in both come first.
# One that cannot be installed ends the script, and no run outlives that.
trap wait EXIT
base=$(free_port)
targets=()
for name in $names; do
  targets+=("$("$here/install.sh" "$name")")
  while [ "$(jobs -pr | wc -l)" -ge "$beside" ]; do wait -n; done
  rm -f "$runs/$name.code"
  # Ports one after the other, because two that begin at once could find the same one free.
  while base=$((base + 1)); (exec 3<>"/dev/tcp/127.0.0.1/$base") 2>/dev/null; do :; done
  run "$name" "$base" &
done
wait

failed=()
complain() {
  echo "run.sh: $2" >&2
  failed+=("$1")
}

while read -r name version; do
  read -r code seconds <"$runs/$name.code"
  # 1 says that the target fails cases, which is for its verdicts to tell. Everything above is no finished run.
  if [ "$code" -gt 1 ]; then
    tail -n 30 "$runs/$name.log" >&2
    complain "$name" "wsspec ended with $code on $name; see $runs/$name"
    continue
  fi
  row=$("$here/counts.py" "$name" "$version" "$runs/$name/verdicts.json")
  echo "$row $seconds s"
  if "$bless"; then
    cp "$runs/$name/verdicts.json" "$reports/$name.verdicts.json"
    sed -i "s/^| \`$name\` |.*/$row/" "$reports/README.md"
  elif ! diff -u --label "reports/interop/$name.verdicts.json" --label "this run" \
    "$reports/$name.verdicts.json" "$runs/$name/verdicts.json" >&2; then
    complain "$name" "other verdicts on $name than those on record; if they are right: ci/interop/run.sh --bless $name"
  elif ! grep -qxF "$row" "$reports/README.md"; then
    complain "$name" "reports/interop/README.md lacks the row $row"
  fi
  # What was recorded has to tell the same as what was seen live; judge says so, whatever its exit code.
  if ! { "$wsspec" judge "$runs/$name" || true; } 2>&1 | grep -x "the verdicts are those of the run" >/dev/null; then
    complain "$name" "wsspec judge finds other verdicts in $runs/$name than the run did"
  fi
done < <(printf '%s\n' "${targets[@]}")

"$wsspec" list --format json | "$here/agreement.py" || failed+=("agreement")

if [ "${#failed[@]}" -gt 0 ]; then
  echo "run.sh: failed: ${failed[*]}" >&2
  exit 1
fi
