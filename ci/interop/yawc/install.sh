#!/usr/bin/env bash
# Builds the echo server on the crate yawc, pinned by Cargo.lock; prints "yawc VERSION".
set -euo pipefail
exec "$(dirname "$0")/../install-crate.sh" yawc
