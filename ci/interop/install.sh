#!/usr/bin/env bash
# Installs interop targets, the named ones or those of CI: install.sh [--names] [NAME...]
# Prints one line "NAME VERSION" for each; the tools' own talk goes to standard error. --names prints only the names, in
# the order in which they are best installed and run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# Those that take long come first, for they run beside each other and beside the installation of the next.
ci=(
  actix-ws fastwebsockets tokio-tungstenite soketto yawc
  tornado websocket-node aiohttp rpc uvicorn
  websockets chat uvicorn-websockets ws ticker
  websockets-deflate aiohttp-deflate ws-deflate
)
# Only by name: Debian's release decides on the versions of these, and uvicorn-wsproto takes minutes for messages of 16 MiB.
known=("${ci[@]}" uvicorn-wsproto beast beast-deflate gorilla libwebsockets libwebsockets-deflate mojolicious)

only_names=false
if [ "${1:-}" = --names ]; then
  only_names=true
  shift
fi
[ $# -gt 0 ] || set -- "${ci[@]}"
for name; do
  if [[ " ${known[*]} " != *" $name "* ]]; then
    echo "install.sh: unknown target '$name'; there are: ${known[*]}" >&2
    exit 2
  fi
done
if "$only_names"; then
  printf '%s\n' "$@"
  exit
fi
for name; do
  "$here/$name/install.sh"
done
