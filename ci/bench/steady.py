#!/usr/bin/env python3
"""Compares two runs of one target: steady.py RUN OTHER_RUN, both folders of a report.

Fails when they disagree about more than what was measured or skipped: an outcome, or a finding that weighs.
"""
import json
import pathlib
import sys


def cases(folder):
    return json.loads(pathlib.Path(folder, "verdicts.json").read_text())["cases"]


def weight(verdict):
    """What must not depend on how fast the target is."""
    if verdict is None:
        return "not run"
    if verdict["outcome"] in ("info", "skip"):
        return verdict["outcome"]
    says = [finding["says"] for finding in verdict.get("findings", []) if finding["severity"] not in ("note", "limit", "skip")]
    return ": ".join([verdict["outcome"], " ".join(sorted(says))])


before, after = map(cases, sys.argv[1:3])
differ = 0
for name in sorted(before.keys() | after.keys()):
    was, became = weight(before.get(name)), weight(after.get(name))
    if was != became:
        differ += 1
        print(f"    {name}\n      was {was}\n      is  {became}")
sys.exit(differ > 0)
