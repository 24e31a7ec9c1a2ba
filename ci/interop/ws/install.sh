#!/usr/bin/env bash
# Installs the npm package ws, pinned by package-lock.json; prints "ws VERSION".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../target/interop}/ws
pins=$here/package-lock.json

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  "$here/../debian.sh" nodejs npm
fi
if ! cmp -s "$pins" "$dir/installed.json"; then
  mkdir -p "$dir"
  cp "$here/package.json" "$pins" "$dir"
  npm ci --prefix "$dir" --ignore-scripts --no-audit --no-fund >&2
  # Written last, so that an install that broke off is done again.
  cp "$pins" "$dir/installed.json"
fi
NODE_PATH=$dir/node_modules node -p '"ws " + require("ws/package.json").version'
