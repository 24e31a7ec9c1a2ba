#!/usr/bin/env bash
# Builds wsspec as it is released, and prints the path of the program. WSSPEC names another program to use as it is.
set -euo pipefail
repo=$(cd "$(dirname "$0")/.." && pwd)
if [ -z "${WSSPEC:-}" ]; then
  # cargo itself knows quickly that nothing has changed.
  cargo build --quiet --release --locked --manifest-path "$repo/Cargo.toml" --bin wsspec
  WSSPEC=${CARGO_TARGET_DIR:-$repo/target}/release/wsspec
fi
realpath "$WSSPEC"
