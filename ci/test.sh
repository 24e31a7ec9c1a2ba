#!/usr/bin/env bash
# The tests, with the dependencies that Cargo.lock pins.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo test --locked
