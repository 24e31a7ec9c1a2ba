#!/usr/bin/env python3
"""Runs the whole server corpus against each hostile server and prints how that ends.

hostile.py [NAME...]: exit code, seconds, peak memory of the harness in MiB, outcomes, and why the run stopped.
Fails when a run takes more than 60 s, more than 200 MiB, exits with neither 1 nor 3, or leaves no report.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
MOST_SECONDS = 60
MOST_MEBIBYTES = 200


def names(wsspec):
    listed = subprocess.run([wsspec, "echo", "--list"], check=True, capture_output=True, text=True).stdout
    return [line.split()[0] for line in listed[listed.index("\nhostile") :].splitlines()[2:] if line.startswith("  ")]


def peak_of(pid):
    """The peak resident set of a child that has ended, in MiB."""
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024


def run(wsspec, name, out):
    server = subprocess.Popen([wsspec, "echo", "--listen", "127.0.0.1:0", "--behave", name], stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().split()[-1]
        began = time.monotonic()
        harness = subprocess.Popen([wsspec, "server", url, "--out", out, "--name", name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        code, peak = peak_of(harness.pid)
        return code, time.monotonic() - began, peak
    finally:
        server.kill()
        server.wait()


def main():
    wsspec = subprocess.run([HERE.parent / "build.sh"], check=True, capture_output=True, text=True).stdout.strip()
    failed = False
    for name in sys.argv[1:] or names(wsspec):
        with tempfile.TemporaryDirectory() as out:
            code, seconds, peak = run(wsspec, name, out)
            try:
                verdicts = json.loads(pathlib.Path(out, "verdicts.json").read_text())["cases"]
                stopped = json.loads(pathlib.Path(out, "run.json").read_text())["stopped"] or ""
                pathlib.Path(out, "index.html").stat()
            except OSError as fault:
                print(f"{name}: no report: {fault}", file=sys.stderr)
                failed = True
                continue
        counts = {}
        for verdict in verdicts.values():
            counts[verdict["outcome"]] = counts.get(verdict["outcome"], 0) + 1
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "nothing judged"
        bad = seconds > MOST_SECONDS or peak > MOST_MEBIBYTES or code not in (1, 3)
        failed |= bad
        print(f"{'!' if bad else ' '} {name:32} exit {code}  {seconds:5.1f} s  {peak:4.0f} MiB  {outcomes}  {stopped[:90]}", flush=True)
    sys.exit(failed)


main()
