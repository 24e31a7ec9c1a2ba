#!/usr/bin/env bash
# Installs Debian's chromium; prints "chromium VERSION".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
command -v chromium >/dev/null || "$here/../../debian.sh" chromium
echo "chromium $(dpkg-query --show --showformat '${Version}' chromium)"
