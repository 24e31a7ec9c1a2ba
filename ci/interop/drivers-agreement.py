#!/usr/bin/env python3
"""Compares what is said of the drivers with Autobahn's words, and with what was said before: drivers-agreement.py [FOUND]

FOUND is a folder of new reports, each of which has to say of each id what the one on record says, but for what is by chance.
Ours are in reports/interop/drivers, Autobahn's in autobahn/drivers. A difference that no entry of drivers-differences.json explains
is an error, and so is an entry that explains nothing any more.
"""

import collections
import fnmatch
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
OURS = HERE.parent.parent / "reports" / "interop" / "drivers"


def main():
    differences = json.loads((HERE / "drivers-differences.json").read_text())
    used = set()
    faults = list(news(pathlib.Path(sys.argv[1]), differences)) if len(sys.argv) > 1 else []
    for path in sorted((HERE / "autobahn" / "drivers").glob("*.json")):
        theirs = json.loads(path.read_text())["cases"]
        ours = json.loads((OURS / path.name).read_text())["cases"]
        faults += [f"{path.stem}: {id} is in one report only" for id in ours.keys() ^ theirs.keys()]
        explained = collections.Counter()
        for id in ours.keys() & theirs.keys():
            if ours[id] == theirs[id]:
                continue
            reasons = [
                (number, pattern)
                for number, entry in enumerate(differences)
                for pattern in entry["ids"]
                if path.stem in entry["drivers"]
                and fnmatch.fnmatchcase(id, pattern)
                and words(ours[id]) == entry["ours"]
                and words(theirs[id]) == entry["theirs"]
            ]
            if not reasons:
                faults.append(f"{path.stem}: {id} is {ours[id]} and Autobahn's {theirs[id]}, which nothing explains")
            used.update((number, path.stem) for number, _ in reasons)
            explained.update(differences[number]["why"] for number, _ in reasons[:1])
        told = ", ".join(f"{count} {why}" for why, count in explained.items())
        print(f"{path.stem:20} {len(theirs)} ids, {len(theirs) - explained.total()} equal{'; ' if told else ''}{told}")
    for number, entry in enumerate(differences):
        if entry.get("by_chance"):
            continue
        for driver in entry["drivers"]:
            if (number, driver) not in used:
                faults.append(f"drivers-differences.json: {entry['ids']} on {driver} explains nothing")
    for fault in sorted(faults):
        print(f"drivers-agreement.py: {fault}", file=sys.stderr)
    sys.exit(1 if faults else 0)


def news(found, differences):
    """What is said now and was not said before."""
    for path in sorted(found.glob("*.json")):
        before = json.loads((OURS / path.name).read_text())["cases"]
        now = json.loads(path.read_text())["cases"]
        for id in sorted(before.keys() | now.keys()):
            chance = any(
                entry.get("by_chance") and path.stem in entry["drivers"] and id in entry["ids"] for entry in differences
            )
            if before.get(id) != now.get(id) and not chance:
                yield f"{path.stem}: {id} was {before.get(id)} and is {now.get(id)}"


def words(row):
    return row[:2]


if __name__ == "__main__":
    main()
