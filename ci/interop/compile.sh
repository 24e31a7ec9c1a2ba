#!/usr/bin/env bash
# Compiles the one source file of a target against a Debian package: compile.sh NAME PACKAGE SOURCE COMMAND...
# COMMAND is run with "-o OUTPUT SOURCE" behind it. Prints "NAME VERSION", the version being that of PACKAGE; Debian's
# release is what pins it.
set -euo pipefail
usage="usage: compile.sh NAME PACKAGE SOURCE COMMAND..."
name=${1:?$usage}
package=${2:?$usage}
source=$(realpath "${3:?$usage}")
shift 3
dir=${WSSPEC_INTEROP_DIR:-$(cd "$(dirname "$0")" && pwd)/../../target/interop}/$name

version=$(dpkg-query --show --showformat '${Version}' "$package")
stamp="$version $* $(cksum <"$source")"
if [ "$(cat "$dir/installed" 2>/dev/null)" != "$stamp" ]; then
  mkdir -p "$dir"
  "$@" -o "$dir/server" "$source" >&2
  # Written last, so that an install that broke off is done again.
  echo "$stamp" >"$dir/installed"
fi
echo "$name $version"
