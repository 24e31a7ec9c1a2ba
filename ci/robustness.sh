#!/usr/bin/env bash
# Whether verdicts hold where everything is slow: robustness.sh [TARGET...]
# Runs the whole corpus against interop targets four times: undisturbed, with a busy loop on each core, with 100 ms of
# latency each way, and, once, against the echo that takes 300 ms. Prints the seconds, and fails when a verdict depends on it.
# WSSPEC names another program than the release build; the run directories stay in target/robustness.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/.." && pwd)
runs=$repo/target/robustness
latency_ms=100
[ "$#" -gt 0 ] || set -- ws tokio-tungstenite
wsspec=$("$here/build.sh")
"$here/interop/install.sh" "$@"
mkdir -p "$runs"

started=()
end_started() {
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
  started=()
}
trap end_started EXIT

free_port() {
  local port
  while port=$((10000 + RANDOM % 20000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

until_listening() {
  local tries=0
  until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { echo "robustness.sh: nobody listens on port $1" >&2; exit 1; }
    sleep 0.1
  done
}

failed=()
# run NAME PORT LABEL: one run, and what it differs in from the first one, which is that of NAME with the label quiet.
run() {
  local name=$1 port=$2 label=$3 code=0 began=$SECONDS out=$runs/$1-$3
  # The name is that of the first run, since it stands in the verdicts.
  "$wsspec" server "ws://127.0.0.1:$port/" --name "$name" --out "$out" >"$out.log" 2>&1 </dev/null || code=$?
  printf '%-20s %-10s exit %s  %4s s\n' "$name" "$label" "$code" "$((SECONDS - began))"
  if [ "$code" -gt 1 ]; then
    tail -n 20 "$out.log" >&2
    failed+=("$name-$label")
  elif [ "$label" != quiet ] && ! python3 "$here/bench/steady.py" "$runs/$name-quiet" "$out"; then
    failed+=("$name-$label")
  fi
}

hog() { while :; do :; done; }

for name in "$@"; do
  port=$(free_port)
  "$here/interop/$name/start.sh" "$port" >"$runs/$name.log" 2>&1 &
  started+=("$!")
  until_listening "$port"
  run "$name" "$port" quiet

  hogs=()
  for _ in $(seq "$(nproc)"); do
    hog &
    hogs+=("$!")
  done
  started+=("${hogs[@]}")
  run "$name" "$port" hogs
  kill "${hogs[@]}"

  through=$(free_port)
  python3 "$here/bench/latency.py" "$through" "$port" "$latency_ms" &
  started+=("$!")
  until_listening "$through"
  run "$name" "$through" latency
  end_started
done

for behaviour in conforming:quiet echo-after-300-ms:slow; do
  port=$(free_port)
  "$wsspec" echo --listen "127.0.0.1:$port" --behave "${behaviour%:*}" >/dev/null &
  started+=("$!")
  until_listening "$port"
  run echo "$port" "${behaviour#*:}"
  end_started
done

if [ "${#failed[@]}" -gt 0 ]; then
  echo "robustness.sh: verdicts differ, or are missing: ${failed[*]}" >&2
  exit 1
fi
