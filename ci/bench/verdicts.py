#!/usr/bin/env python3
"""Condenses the index.json of a wstest report for one server: verdicts.py COUNT SUITE INDEX OUT

SUITE names the versions that made the report. Each of the COUNT cases becomes one line of OUT: [behavior, behaviorClose, remoteCloseCode].
Refuses a report with another number of cases, since wstest exits with 0 even when it broke off half-way.
"""

import json
import pathlib
import sys

count, suite = int(sys.argv[1]), sys.argv[2]
index, out = map(pathlib.Path, sys.argv[3:])
((server, cases),) = json.loads(index.read_text()).items()
if len(cases) != count:
    sys.exit(f"verdicts.py: {len(cases)} cases in the report, expected {count}")


def line(case):
    verdict = [cases[case][key] for key in ("behavior", "behaviorClose", "remoteCloseCode")]
    return f"  {json.dumps(case)}: {json.dumps(verdict)}"


lines = ",\n".join(map(line, sorted(cases, key=lambda case: [int(part) for part in case.split(".")])))
head = f'{{\n "server": {json.dumps(server)},\n "autobahn": {json.dumps(suite)},\n "cases": {{\n'
out.write_text(f"{head}{lines}\n }}\n}}\n")
