#!/usr/bin/env bash
# Builds the yawc client, which is in the crate of the server; prints "yawc VERSION".
set -euo pipefail
exec "$(dirname "$0")/../../yawc/install.sh"
