#!/usr/bin/env bash
# The API documentation: every public item has some, and every link leads somewhere.
set -euo pipefail
cd "$(dirname "$0")/.."
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
