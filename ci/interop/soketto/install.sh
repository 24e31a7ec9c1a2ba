#!/usr/bin/env bash
# Builds the echo server on the crate soketto, pinned by Cargo.lock; prints "soketto VERSION".
set -euo pipefail
exec "$(dirname "$0")/../install-crate.sh" soketto
