#!/usr/bin/env bash
# Builds the echo server on the crate tokio-tungstenite, pinned by Cargo.lock; prints "tokio-tungstenite VERSION".
set -euo pipefail
exec "$(dirname "$0")/../install-crate.sh" tokio-tungstenite
