#!/usr/bin/env python3
"""Measures a harness command against an interop target: what it takes of the wall clock, the CPUs and the memory.

Prints one line: LABEL, then the median of the runs. Called by wstest.sh and wsspec.sh, which know the two command lines.
"""

import argparse
import contextlib
import os
import pathlib
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

INTEROP = pathlib.Path(__file__).resolve().parent.parent / "interop"
TICK = os.sysconf("SC_CLK_TCK")
MEBIBYTE = 1024 * 1024


def main():
    args = arguments()
    # A default SIGTERM would skip the blocks that stop the target and remove the run's directory.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    runs = [measure(args) for _ in range(args.runs)]
    wall, harness, target, peak, folder = (statistics.median(figure) for figure in zip(*runs))
    size = f", {args.folder} {folder / MEBIBYTE:.1f} MiB" if args.folder else ""
    print(
        f"{args.label}: wall {wall:.2f} s, harness cpu {harness:.2f} s, target cpu {target:.2f} s, "
        f"harness peak {peak / 1024:.0f} MiB{size} (median of {args.runs})"
    )


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--label", required=True, help="what the line begins with")
    parser.add_argument("--target", required=True, help="folder of ci/interop whose start.sh runs the target")
    parser.add_argument("--port", type=int, required=True, help="where the target listens")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--limit", type=float, default=900, help="seconds after which a run is given up")
    parser.add_argument("--accept", default="0", help="exit codes of a finished run, such as 0,1")
    parser.add_argument("--after", default="true", help="a check of each run's directory that has to succeed, not measured")
    parser.add_argument("--folder", help="a folder that each run leaves in its directory, whose size is a figure too")
    parser.add_argument("command", nargs="+", help="run in an empty directory of its own")
    args = parser.parse_args()
    if args.runs < 1:
        parser.error("--runs: at least one")
    args.accept = {int(code) for code in args.accept.split(",")}
    return args


def measure(args):
    """One run, against a target started for it alone: a runtime that is already warm would favour the later runs."""
    with tempfile.TemporaryDirectory(prefix="wsspec-bench-") as directory, listening(args.target, args.port) as pid:
        before = cpu_of_tree(pid)
        wall, code, usage = run(args.command, directory, args.limit)
        target = cpu_of_tree(pid) - before
        if code not in args.accept:
            sys.exit(f"{args.label}: '{shlex.join(args.command)}' ended with {code}\n{tail(directory)}")
        if subprocess.run(args.after, shell=True, cwd=directory).returncode != 0:
            sys.exit(f"{args.label}: '{args.after}' failed\n{tail(directory)}")
        folder = size_of(pathlib.Path(directory, args.folder)) if args.folder else 0
        return wall, usage.ru_utime + usage.ru_stime, target, usage.ru_maxrss, folder


@contextlib.contextmanager
def listening(target, port):
    """Runs the target for the length of a with block, whose value is its process id."""
    if accepts(port):
        sys.exit(f"measure.py: something already listens on port {port}; choose another with PORT")
    server = subprocess.Popen([INTEROP / target / "start.sh", str(port)], stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not accepts(port):
            if server.poll() is not None:
                sys.exit(f"measure.py: target '{target}' ended with {server.returncode} before it listened")
            if time.monotonic() > deadline:
                sys.exit(f"measure.py: target '{target}' does not listen on port {port} after 30 s")
            time.sleep(0.01)
        yield server.pid
        if server.poll() is not None:
            sys.exit(f"measure.py: target '{target}' ended with {server.returncode} during the run")
    finally:
        server.terminate()
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def run(command, directory, limit):
    """Wall seconds, exit code and resource usage (its children included) of the command alone."""
    with open(pathlib.Path(directory, "log"), "wb") as log:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        watchdog = threading.Timer(limit, process.kill)
        watchdog.start()
        try:
            # Only wait4 gives the usage of this child, and not of every child there has been.
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            watchdog.cancel()
            if process.returncode is None:
                process.kill()
                process.wait()
    return wall, process.returncode, usage


def cpu_of_tree(root):
    """CPU seconds of a process and its descendants, those that have ended included."""
    ticks, parents = {}, {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            # The name in parentheses may itself hold blanks and parentheses.
            fields = stat.read_text().rpartition(")")[2].split()
            pid = int(stat.parent.name)
            parents[pid] = int(fields[1])
            ticks[pid] = sum(map(int, fields[11:15]))  # utime, stime, and those of children it has waited for
    tree, grown = {root}, True
    while grown:
        children = {pid for pid, parent in parents.items() if parent in tree} - tree
        tree |= children
        grown = bool(children)
    return sum(ticks.get(pid, 0) for pid in tree) / TICK


def size_of(folder):
    """Octets that the files in a folder take on the disk."""
    return sum(512 * file.stat().st_blocks for file in folder.rglob("*") if file.is_file())


def tail(directory):
    lines = pathlib.Path(directory, "log").read_text(errors="replace").splitlines()
    return "\n".join(lines[-20:])


if __name__ == "__main__":
    main()
