#!/usr/bin/env bash
# Installs interop targets, the named ones or those of CI: install.sh [NAME...]
# Prints one line "NAME VERSION" for each; the tools' own talk goes to standard error.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# Those that take long come first, for they run beside each other.
ci=(
  actix-ws fastwebsockets tornado websocket-node aiohttp rpc uvicorn
  websockets uvicorn-wsproto chat uvicorn-websockets ws ticker tokio-tungstenite
  yawc soketto websockets-deflate aiohttp-deflate ws-deflate
)
# Only by name: Debian's release decides on their versions.
known=("${ci[@]}" beast beast-deflate gorilla libwebsockets libwebsockets-deflate mojolicious)

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
