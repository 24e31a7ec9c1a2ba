#!/usr/bin/env bash
# Times Autobahn's wstest against an interop target: wstest.sh NAME [RUNS [COUNT PATTERN...]]
# Without patterns it runs the 301 cases without compression; a report with another number of cases than COUNT is refused.
# Prints wall time and CPU times in one line, and leaves the verdicts in target/bench/autobahn/NAME.json.
# PY27 names a CPython 2.7 (needed once, to install wstest), WSTEST an installed wstest, PORT the target's port.
set -euo pipefail
name=${1:?usage: wstest.sh NAME [RUNS [COUNT PATTERN...]]}
runs=${2:-1}
count=${3:-301}
shift $(($# < 3 ? $# : 3))
[ $# -gt 0 ] || set -- '1.*' '2.*' '3.*' '4.*' '5.*' '6.*' '7.*' '9.*' '10.*'
port=${PORT:-9461}
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
venv=$repo/target/bench/wstest
wstest=${WSTEST:-$venv/bin/wstest}

install_wstest() {
  local py27=${PY27:-python2.7} tools
  if ! "$py27" -c 'import sys; sys.exit(sys.version_info[:2] != (2, 7))' 2>/dev/null; then
    echo "wstest.sh: wstest runs on Python 2 only; name a CPython 2.7 with pip: PY27=PATH $0 $name" >&2
    exit 2
  fi
  export PIP_NO_PYTHON_VERSION_WARNING=1
  tools=$(mktemp -d)
  # From 20.22 on virtualenv makes no environments for Python 2.
  "$py27" -m pip install --quiet --disable-pip-version-check --target "$tools" 'virtualenv<20.22' >&2
  PYTHONPATH=$tools "$py27" -m virtualenv --quiet --no-download --clear "$venv" >&2
  rm -rf "$tools"
  "$venv/bin/pip" install --quiet --disable-pip-version-check autobahntestsuite==0.8.2 >&2
}

[ -x "$wstest" ] || install_wstest
agent=$("$here/../interop/install.sh" "$name")
# wstest takes the address from its spec file only, so the port is fixed before the target starts.
spec=$repo/target/bench/wstest-$name.json
verdicts=$repo/target/bench/autobahn/$name.json
mkdir -p "$(dirname "$verdicts")"
cat >"$spec" <<END
{
  "outdir": "reports",
  "servers": [{"agent": "$agent", "url": "ws://127.0.0.1:$port"}],
  "cases": [$(printf '"%s",' "$@" | sed 's/,$//')]
}
END
suite=$("$wstest" -a 2>/dev/null | paste -sd ' ')
exec python3 "$here/measure.py" --label "wstest $agent" --target "$name" --port "$port" --runs "$runs" --limit 3600 \
  --after "python3 '$here/verdicts.py' $count '$suite' reports/index.json '$verdicts'" \
  -- "$wstest" -m fuzzingclient -s "$spec"
