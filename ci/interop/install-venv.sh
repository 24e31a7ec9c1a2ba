#!/usr/bin/env bash
# Installs the pinned packages of one Python target into a virtual environment: install-venv.sh NAME [PINS]
# Prints "NAME VERSION". PINS is its requirements file, where that is not in the folder of the target. PYTHON chooses the interpreter.
set -euo pipefail
name=${1:?usage: install-venv.sh NAME [PINS]}
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../target/interop}/$name
python=${PYTHON:-python3}
pins=${2:-$here/$name/requirements.txt}

if ! cmp -s "$pins" "$dir/installed.txt"; then
  # Debian splits ensurepip off, and without it a venv has no pip.
  "$python" -c 'import ensurepip' 2>/dev/null || "$here/debian.sh" python3 python3-venv
  "$python" -m venv --clear "$dir"
  "$dir/bin/pip" install --disable-pip-version-check --quiet -r "$pins" >&2
  # Written last, so that an install that broke off is done again.
  cp "$pins" "$dir/installed.txt"
fi
grep "^$name==" "$dir/installed.txt" | tr -s = ' '
