#!/usr/bin/env bash
# Runs the Mojolicious echo server in the foreground: start.sh PORT
set -euo pipefail
port=${1:?usage: start.sh PORT}
# Debian's modules are for Debian's perl, and the first one in PATH may be another.
exec /usr/bin/perl "$(dirname "$0")/server.pl" "$port"
