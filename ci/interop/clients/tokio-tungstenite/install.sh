#!/usr/bin/env bash
# Builds the driver on the crate tokio-tungstenite, pinned by Cargo.lock; prints "tokio-tungstenite VERSION".
set -euo pipefail
exec "$(dirname "$0")/../../install-crate.sh" tokio-tungstenite "$(dirname "$0")/Cargo.toml"
