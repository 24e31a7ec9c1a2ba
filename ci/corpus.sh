#!/usr/bin/env bash
# Whether all cases are well-formed, cite requirements that exist, and have checks that can fail.
set -euo pipefail
cd "$(dirname "$0")/.."
wsspec=$(ci/build.sh)
"$wsspec" lint
