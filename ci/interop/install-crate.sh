#!/usr/bin/env bash
# Builds the crate of one Rust target: install-crate.sh NAME [MANIFEST]
# Prints "NAME VERSION". MANIFEST is its Cargo.toml, where that is not in the folder of the target. The harness is a Rust project, so cargo is taken for granted.
set -euo pipefail
name=${1:?usage: install-crate.sh NAME [MANIFEST]}
here=$(cd "$(dirname "$0")" && pwd)
# One folder for all crates, so that what they share is built once.
dir=${WSSPEC_INTEROP_DIR:-$here/../../target/interop}/crates
manifest=${2:-$here/$name/Cargo.toml}

# Little optimised, since CI builds them on a bare machine. cargo itself knows quickly that nothing has changed.
CARGO_PROFILE_RELEASE_OPT_LEVEL=1 cargo build --quiet --release --locked --manifest-path "$manifest" --target-dir "$dir"
id=$(cargo pkgid --locked --manifest-path "$manifest" "$name")
echo "$name ${id##*@}"
