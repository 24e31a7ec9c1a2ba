#!/usr/bin/env bash
# The lints of Cargo.toml and clippy, none of which may have anything to say.
set -euo pipefail
cd "$(dirname "$0")/.."
# A minimal toolchain comes without it.
cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
cargo clippy --locked --all-targets -- -D warnings
