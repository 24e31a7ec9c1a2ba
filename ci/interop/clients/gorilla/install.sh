#!/usr/bin/env bash
# Builds the driver on Go's gorilla/websocket as Debian packages it; prints "gorilla-driver VERSION".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=${WSSPEC_INTEROP_DIR:-$here/../../../../target/interop}/gorilla
package=golang-github-gorilla-websocket-dev

if ! command -v go >/dev/null || ! dpkg-query --show "$package" >/dev/null 2>&1; then
  "$here/../../debian.sh" golang-go "$package"
fi
mkdir -p "$dir/cache"
# Debian's libraries lie in a GOPATH, which Go looks at only without modules. No module is ever downloaded.
exec "$here/../../compile.sh" gorilla-driver "$package" "$here/driver.go" \
  env GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$(realpath "$dir/cache")" go build -p 1
