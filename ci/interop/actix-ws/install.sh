#!/usr/bin/env bash
# Builds the echo server on the crate actix-ws, pinned by Cargo.lock; prints "actix-ws VERSION".
set -euo pipefail
exec "$(dirname "$0")/../install-crate.sh" actix-ws
