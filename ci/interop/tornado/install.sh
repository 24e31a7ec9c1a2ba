#!/usr/bin/env bash
# Installs the PyPI package tornado, pinned by requirements.txt; prints "tornado VERSION".
set -euo pipefail
exec "$(dirname "$0")/../install-venv.sh" tornado
