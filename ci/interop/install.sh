#!/usr/bin/env bash
# Installs interop targets, all of them or the named ones: install.sh [NAME...]
# Prints one line "NAME VERSION" for each; the tools' own talk goes to standard error.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
known=(ws websockets aiohttp tokio-tungstenite fastwebsockets)

[ $# -gt 0 ] || set -- "${known[@]}"
for name; do
  if [[ " ${known[*]} " != *" $name "* ]]; then
    echo "install.sh: unknown target '$name'; there are: ${known[*]}" >&2
    exit 2
  fi
done
for name; do
  "$here/$name/install.sh"
done
