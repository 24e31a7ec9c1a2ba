#!/usr/bin/env python3
"""Prints a row of the tables in reports/interop/README.md and its clients/README.md: counts.py NAME VERSION VERDICTS"""

import collections
import json
import pathlib
import sys

name, version, verdicts = sys.argv[1:]
cases = json.loads(pathlib.Path(verdicts).read_text())["cases"].values()
counts = collections.Counter(case["outcome"] for case in cases)
cells = [f"`{name}`", version, *(str(counts[outcome]) for outcome in ("pass", "info", "skip", "warn", "fail"))]
print(f"| {' | '.join(cells)} |")
