#!/usr/bin/env bash
# Installs the pinned packages of one Node.js target: install-npm.sh NAME [PACKAGE]
# Prints "NAME VERSION", the version being that of PACKAGE, which is called like the target if absent.
set -euo pipefail
name=${1:?usage: install-npm.sh NAME [PACKAGE]}
package=${2:-$name}
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../target/interop}/$name
pins=$here/$name/package-lock.json

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  "$here/debian.sh" nodejs npm
fi
if ! cmp -s "$pins" "$dir/installed.json"; then
  mkdir -p "$dir"
  cp "$here/$name/package.json" "$pins" "$dir"
  npm ci --prefix "$dir" --ignore-scripts --no-audit --no-fund >&2
  # Written last, so that an install that broke off is done again.
  cp "$pins" "$dir/installed.json"
fi
echo "$name $(NODE_PATH=$dir/node_modules node -p "require('$package/package.json').version")"
