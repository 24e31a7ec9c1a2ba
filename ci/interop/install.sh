#!/usr/bin/env bash
# Installs interop targets, the named ones or those of CI: install.sh [NAME...]
# Prints one line "NAME VERSION" for each; the tools' own talk goes to standard error.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
ci=(ws websockets aiohttp tokio-tungstenite fastwebsockets)
# Only by name: some take time to build, or Debian's packages, and some are no echo servers.
known=(
  "${ci[@]}"
  actix-ws beast gorilla libwebsockets mojolicious tornado uvicorn uvicorn-websockets uvicorn-wsproto websocket-node
  chat rpc ticker
)

[ $# -gt 0 ] || set -- "${ci[@]}"
for name; do
  if [[ " ${known[*]} " != *" $name "* ]]; then
    echo "install.sh: unknown target '$name'; there are: ${known[*]}" >&2
    exit 2
  fi
done
for name; do
  "$here/$name/install.sh"
done
