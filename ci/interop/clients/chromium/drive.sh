#!/usr/bin/env bash
# Runs headless Chromium as a driver of the control paths, through the page that the port itself serves: drive.sh SERVER AGENT
# It does not end by itself.
set -euo pipefail
usage="usage: drive.sh SERVER AGENT"
server=${1:?$usage}
agent=${2:?$usage}
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
# The sandbox wants rights that a container has not; nothing but our own page is opened.
chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --user-data-dir="$profile" \
  --remote-debugging-port=0 "${server/ws:/http:}/?agent=$agent&run=1"
