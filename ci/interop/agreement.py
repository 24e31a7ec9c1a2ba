#!/usr/bin/env python3
"""Compares the verdicts on the interop targets with Autobahn's: wsspec list --format json | agreement.py

Ours are in reports/interop, Autobahn's in autobahn/. A case with both has to have equivalent ones, unless an entry of
differences.json explains it. What nothing explains is an error, and so is an entry that no longer explains anything.
"""

import collections
import fnmatch
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
REPORTS = HERE.parent.parent / "reports" / "interop"

# From good to grave, each with the words by which Autobahn means the same.
MEANS = {
    "pass": {"OK"},
    "info": {"INFORMATIONAL"},
    "skip": {"UNIMPLEMENTED"},
    "warn": {"NON-STRICT"},
    "flaky": set(),
    "broken": set(),
    "fail": {"FAILED", "WRONG CODE", "UNCLEAN", "FAILED BY CLIENT"},
}
GRAVITY = list(MEANS)


def main():
    cases = json.load(sys.stdin)
    differences = json.loads((HERE / "differences.json").read_text())
    used = set()
    faults = []
    rows = []
    for path in sorted((HERE / "autobahn").glob("*.json")):
        target = path.stem
        theirs = {case: word(*verdict) for case, verdict in json.loads(path.read_text())["cases"].items()}
        ours = verdicts(target, cases)
        faults += [f"{target}: no case has the stimulus of Autobahn's {case}" for case in theirs if case not in ours]
        agreed, explained = 0, collections.Counter()
        for case in theirs.keys() & ours.keys():
            outcome, requirements = ours[case]
            if theirs[case] in MEANS[outcome]:
                agreed += 1
                continue
            hits = [
                (number, pattern)
                for number, entry in enumerate(differences)
                for pattern in entry["autobahn"]
                if covers(entry, pattern, target, case, outcome, theirs[case], requirements)
            ]
            used.update((number, pattern, target) for number, pattern in hits)
            if hits:
                explained[differences[hits[0][0]]["why"]] += 1
            else:
                faults.append(f"{target}: {case} has {outcome} and Autobahn's {theirs[case]}, which nothing explains")
        rows.append((target, len(theirs), agreed, explained))
    faults += unused(differences, used)
    show(rows, differences)
    for fault in sorted(faults):
        print(f"agreement.py: {fault}", file=sys.stderr)
    sys.exit(1 if faults else 0)


def word(behavior, close, _code):
    """The graver of the two words for a case: the behaviour may be fine where the closing is not."""
    if behavior in MEANS["fail"] or close not in MEANS["fail"]:
        return behavior
    return close


def verdicts(target, cases):
    """Outcome and requirements for each id of Autobahn, of the gravest case where several have its stimulus."""
    found = json.loads((REPORTS / f"{target}.verdicts.json").read_text())["cases"]
    ours = {}
    for case in cases:
        if "server" not in case["roles"] or case["id"] not in found:
            continue
        verdict = found[case["id"]]
        requirements = {one for finding in verdict.get("findings", []) for one in finding.get("requirements", [])}
        for autobahn in case["autobahn"]:
            known = ours.get(autobahn)
            if known is None or GRAVITY.index(known[0]) < GRAVITY.index(verdict["outcome"]):
                ours[autobahn] = (verdict["outcome"], requirements)
    return ours


def covers(entry, pattern, target, case, outcome, autobahn, requirements):
    """Whether an entry is about this verdict; one that names a requirement only is where a finding cites it."""
    return (
        target in entry["targets"]
        and fnmatch.fnmatchcase(case, pattern)
        and (outcome, autobahn) == (entry["ours"], entry["theirs"])
        and entry.get("requirement") in requirements | {None}
    )


def unused(differences, used):
    for number, entry in enumerate(differences):
        for pattern in entry["autobahn"]:
            for target in entry["targets"]:
                if (number, pattern, target) not in used:
                    yield f"differences.json: {entry['ours']} for {entry['theirs']} in {pattern} on {target} explains nothing"


def show(rows, differences):
    whys = list(dict.fromkeys(entry["why"] for entry in differences))
    print(f"{'target':20} {'cases':>6} {'agree':>6}  {'  '.join(whys)}")
    for target, total, agreed, explained in rows:
        counts = (f"{explained[why]:{len(why)}}" for why in whys)
        print(f"{target:20} {total:6} {agreed:6}  {'  '.join(counts)}")


if __name__ == "__main__":
    main()
