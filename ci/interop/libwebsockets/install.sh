#!/usr/bin/env bash
# Builds the echo server on libwebsockets as Debian packages it; prints "libwebsockets VERSION".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
package=libwebsockets-dev

if ! command -v cc >/dev/null || ! dpkg-query --show "$package" >/dev/null 2>&1; then
  "$here/../debian.sh" gcc libc6-dev "$package"
fi
# The source stands behind the library on the command line, so nothing may be left out for not being needed yet.
exec "$here/../compile.sh" libwebsockets "$package" "$here/server.c" \
  cc -std=c11 -O2 -Wall -Wextra -Werror -Wl,--no-as-needed -lwebsockets
