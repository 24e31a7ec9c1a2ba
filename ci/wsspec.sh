#!/usr/bin/env bash
# Runs wsspec, built as it is released: wsspec.sh [ARGUMENT...]
# WSSPEC names a program to run instead of building one.
set -euo pipefail
repo=$(cd "$(dirname "$0")/.." && pwd)
if [ -z "${WSSPEC:-}" ]; then
  # cargo itself knows quickly that nothing has changed.
  cargo build --quiet --release --locked --manifest-path "$repo/Cargo.toml" --bin wsspec
  WSSPEC=${CARGO_TARGET_DIR:-$repo/target}/release/wsspec
fi
exec "$WSSPEC" "$@"
