#!/usr/bin/env bash
# Installs Mojolicious as Debian packages it; prints "mojolicious VERSION".
set -euo pipefail
package=libmojolicious-perl

dpkg-query --show "$package" >/dev/null 2>&1 || "$(dirname "$0")/../debian.sh" "$package"
echo "mojolicious $(dpkg-query --show --showformat '${Version}' "$package")"
