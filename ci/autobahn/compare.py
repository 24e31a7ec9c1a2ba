#!/usr/bin/env python3
"""Compares a report of Autobahn with ours on the same target: compare.py AUTOBAHN_DIR WSSPEC_DIR

Both directories hold index.json and the files that it names. The two have to have the same agents, ids, file names, keys,
types and words. Words may differ where cases/spec/autobahn-differences.json has a reason; what else may differ stands in
ALLOWED with its reason. Anything else is an error.
"""

import collections
import fnmatch
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DIFFERENCES = json.loads((ROOT / "cases/spec/autobahn-differences.json").read_text())["differences"]

BEHAVIOR = {"OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED"}
BEHAVIOR_CLOSE = {"OK", "INFORMATIONAL", "UNCLEAN", "WRONG CODE", "FAILED BY CLIENT", "FAILED"}

# Keys of one side only, and values of other types, each with the reason.
ALLOWED = {
    "key wsspec": "our case, outcome and findings, for which Autobahn has no key",
}

# Rows of the wire log: their kind, and the types of what follows.
ROWS = {
    "RO": ["list"],
    "TO": ["list", "bool"],
    "RF": ["list", "int", "bool", "int", "bool", "str/null"],
    "TF": ["list", "int", "bool", "int", "str/null", "int/null", "int/null", "bool"],
    "KL": ["number"],
    "KLE": [],
    "TI": ["number"],
    "TIE": [],
    "CT": ["number", "str/null"],
    "CTE": ["str/null"],
    "WLM": ["bool"],
}


def main():
    theirs, ours = map(pathlib.Path, sys.argv[1:])
    report = Report()
    old, new = (json.loads((folder / "index.json").read_text()) for folder in (theirs, ours))
    report.keys("index.json", old, new)
    compared = 0
    for agent in sorted(old.keys() & new.keys()):
        report.keys(agent, old[agent], new[agent])
        for case in sorted(old[agent].keys() & new[agent].keys()):
            compared += 1
            row, our_row = old[agent][case], new[agent][case]
            report.shape(f"{agent} {case}", row, our_row)
            if row["reportfile"] != our_row["reportfile"]:
                report.fault(f"{agent} {case}: the files are {row['reportfile']} and {our_row['reportfile']}")
                continue
            report.words(case, row, our_row)
            detail, our_detail = (json.loads((folder / row["reportfile"]).read_text()) for folder in (theirs, ours))
            report.shape(f"{agent} {case}", detail, our_detail)
            report.contents(f"{agent} {case}", our_row, our_detail)
            report.wirelog(f"{agent} {case} (Autobahn)", detail)
            report.wirelog(f"{agent} {case}", our_detail)
            if not (ours / row["reportfile"].replace(".json", ".html")).exists():
                report.fault(f"{agent} {case}: there is no page beside {row['reportfile']}")
    report.lines((theirs / "index.json").read_text(), (ours / "index.json").read_text())
    report.show(compared)
    sys.exit(1 if report.faults else 0)


def kind(value):
    names = {type(None): "null", bool: "bool", int: "int", float: "float", str: "str", list: "list", dict: "dict"}
    return names[type(value)]


class Report:
    def __init__(self):
        self.faults = []
        self.allowed = collections.Counter()
        self.explained = collections.Counter()
        # what a key had where it had something, over all cases
        self.types = collections.defaultdict(lambda: (set(), set()))

    def fault(self, text):
        self.faults.append(text)

    def allow(self, what, text):
        if what in ALLOWED:
            self.allowed[what] += 1
        else:
            self.fault(text)

    def keys(self, place, old, new):
        for key in sorted(old.keys() - new.keys()):
            self.allow(f"key {key}", f"{place}: only Autobahn has {key}")
        for key in sorted(new.keys() - old.keys()):
            self.allow(f"key {key}", f"{place}: only wsspec has {key}")

    def shape(self, place, old, new):
        """Keys and types; null stands for a missing value and fits any type that the key has elsewhere."""
        self.keys(place, old, new)
        for key in old.keys() & new.keys():
            one, other = kind(old[key]), kind(new[key])
            self.types[key][0].add(one)
            self.types[key][1].add(other)
            if "null" not in (one, other) and one != other:
                self.allow(f"{key} {one}/{other}", f"{place}: {key} is {one} there and {other} here")
            if key == "expectedClose":
                self.shape(f"{place} {key}", old[key], new[key])

    def words(self, case, old, new):
        there, here = (f"{row['behavior']}/{row['behaviorClose']}" for row in (old, new))
        if there == here and old["remoteCloseCode"] == new["remoteCloseCode"]:
            return
        if there == here:
            self.fault(f"{case}: the code is {old['remoteCloseCode']} there and {new['remoteCloseCode']} here")
            return
        for entry in DIFFERENCES:
            if (
                not entry.get("of_monitor")
                and any(fnmatch.fnmatchcase(case, pattern) for pattern in entry["ids"])
                and fnmatch.fnmatchcase(there, entry["autobahn"])
                and fnmatch.fnmatchcase(here, entry["wsspec"])
            ):
                self.explained[f"{there} there and {here} here: {entry['reason']}"] += 1
                return
        self.fault(f"{case}: {there} there and {here} here, which nothing explains")

    def contents(self, place, row, detail):
        """What a reader may rely on in our own files."""
        if detail["behavior"] not in BEHAVIOR or detail["behaviorClose"] not in BEHAVIOR_CLOSE:
            self.fault(f"{place}: {detail['behavior']}/{detail['behaviorClose']} are words that nobody knows")
        for key in ("behavior", "behaviorClose", "duration", "remoteCloseCode"):
            if row[key] != detail[key]:
                self.fault(f"{place}: {key} is {row[key]} in the index and {detail[key]} in the file")
        for event in detail["received"] + [event for events in detail["expected"].values() for event in events]:
            types = [kind(part) for part in event]
            if types != {"message": ["str", "str", "bool"]}.get(event[0], ["str", "str"]):
                self.fault(f"{place}: the event {event} has another form")
        if not set(detail["expected"]) <= BEHAVIOR:
            self.fault(f"{place}: expected has other words")

    def wirelog(self, place, detail):
        for row in detail["wirelog"]:
            expected = ROWS.get(row[0])
            if expected is None or len(row) != len(expected) + 1:
                self.fault(f"{place}: the row {row} of the wire log is unknown")
                continue
            for value, types in zip(row[1:], expected):
                if not self.fits(value, types):
                    self.fault(f"{place}: the row {row} of the wire log has another form")

    @staticmethod
    def fits(value, types):
        return kind(value) in types.split("/") or (types == "number" and kind(value) in ("int", "float"))

    def lines(self, old, new):
        """Some read index.json by line: one key in a line, three spaces, a closing brace with a comma between cases."""
        forms = [{line.split('"')[0] + line.rstrip()[-1:] for line in text.splitlines() if '":' in line} for text in (old, new)]
        if {form[:-1] for form in forms[0]} != {form[:-1] for form in forms[1]}:
            self.fault("index.json: the lines are indented differently")
        if any(old.splitlines().count(line) == 0 for line in ("      },", "      }")) or "      }," not in new.splitlines():
            self.fault("index.json: no line ends a case")

    def show(self, compared):
        for key, (old, new) in sorted(self.types.items()):
            if old - {"null"} and new - {"null"} and (old - {"null"}) != (new - {"null"}):
                if f"{key} {'/'.join(sorted(old))}/{'/'.join(sorted(new))}" not in ALLOWED:
                    self.fault(f"{key} is {sorted(old)} there and {sorted(new)} here")
        print(f"{compared} cases compared")
        for what, count in sorted(self.allowed.items()):
            print(f"{count:5}  {what}: {ALLOWED[what]}")
        for what, count in sorted(self.explained.items()):
            print(f"{count:5}  {what}")
        for fault in self.faults:
            print(f"compare.py: {fault}", file=sys.stderr)
        print(f"{len(self.faults)} differences without a reason")


if __name__ == "__main__":
    main()
