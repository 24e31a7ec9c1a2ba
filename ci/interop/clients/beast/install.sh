#!/usr/bin/env bash
# Builds the client on Boost.Beast as Debian packages it; prints "beast-client VERSION", the version being Boost's.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
package=libboost-dev

if ! command -v c++ >/dev/null || ! dpkg-query --show "$package" >/dev/null 2>&1; then
  "$here/../../debian.sh" g++ libc6-dev "$package"
fi
# Optimised a little only, since the headers take their time.
exec "$here/../../compile.sh" beast-client "$package" "$here/client.cpp" c++ -std=c++17 -O1 -Wall -Wextra -Werror -pthread
