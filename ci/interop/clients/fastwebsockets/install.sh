#!/usr/bin/env bash
# Builds the driver on the crate fastwebsockets, pinned by Cargo.lock; prints "fastwebsockets VERSION".
set -euo pipefail
exec "$(dirname "$0")/../../install-crate.sh" fastwebsockets "$(dirname "$0")/Cargo.toml"
