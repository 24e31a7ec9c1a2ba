#!/usr/bin/env bash
# Builds the client on libwebsockets as Debian packages it; prints "libwebsockets-client VERSION".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
package=libwebsockets-dev

if ! command -v cc >/dev/null || ! dpkg-query --show "$package" >/dev/null 2>&1; then
  "$here/../../debian.sh" gcc libc6-dev "$package"
fi
# The sum of what the source includes has it compiled again when that changes.
included=$(cksum <"$here/../../libwebsockets/echo.h" | cut -d ' ' -f 1)
# The source stands behind the library on the command line, so nothing may be left out for not being needed yet.
exec "$here/../../compile.sh" libwebsockets-client "$package" "$here/client.c" \
  cc -std=c11 -D_DEFAULT_SOURCE -O2 -Wall -Wextra -Werror "-DINCLUDED=$included" -Wl,--no-as-needed -lwebsockets
