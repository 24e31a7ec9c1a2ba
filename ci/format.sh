#!/usr/bin/env bash
# Whether every file is formatted as rustfmt.toml says; `cargo fmt` repairs it.
set -euo pipefail
cd "$(dirname "$0")/.."
# A minimal toolchain comes without it.
cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
cargo fmt --check
