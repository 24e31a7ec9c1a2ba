#!/usr/bin/env bash
# The fallback of the installers on a bare Debian machine: debian.sh PACKAGE...
set -euo pipefail
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
# Without an update a fresh image knows no package at all.
"${as_root[@]}" apt-get update -qq >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
