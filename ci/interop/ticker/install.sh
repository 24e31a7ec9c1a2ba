#!/usr/bin/env bash
# Installs what the ticker runs on, which is the package of the target ws; prints "ticker on ws VERSION".
set -euo pipefail
echo "ticker on $("$(dirname "$0")/../ws/install.sh")"
