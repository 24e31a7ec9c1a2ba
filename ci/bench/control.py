#!/usr/bin/env python3
"""Measures a server of the control paths with a driver: control.py [--runs N] LABEL DRIVER OUT -- COMMAND...

DRIVER is a folder of ci/interop/clients with a drive.sh. COMMAND takes the options of wstest, be it that or wsspec wstest. The 301
cases without compression are run, or those in cases.json of the folder; what the server says of them goes to OUT, and one line with the medians is printed: the wall
time from the start of the driver until the reports are there, the CPU times of both, the server's peak memory.
"""

import argparse
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

CLIENTS = pathlib.Path(__file__).resolve().parent.parent / "interop" / "clients"
# What is run unless the folder of the driver has a cases.json.
CASES = {"cases": ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"], "count": 301}
TICK = os.sysconf("SC_CLK_TCK")
# How long a driver that goes on by itself, such as a browser, is left alone once the reports are there.
LINGER = 1.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--limit", type=float, default=300, help="seconds after which a run is given up")
    parser.add_argument("label")
    parser.add_argument("driver")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("command", nargs="+")
    args = parser.parse_args()
    # A shell has what it puts into the background ignore SIGINT, and a server that inherits that could not be ended by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    figures = [run(args) for _ in range(args.runs)]
    wall, server, driver, peak = (statistics.median(figure) for figure in zip(*figures))
    print(
        f"{args.label} {args.driver}: wall {wall:.2f} s, server cpu {server:.2f} s, driver cpu {driver:.2f} s, "
        f"server peak {peak / 1024:.0f} MiB (median of {args.runs})"
    )


def run(args):
    with tempfile.TemporaryDirectory(prefix="wsspec-control-") as directory:
        folder = pathlib.Path(directory)
        port = free_port()
        url = f"ws://127.0.0.1:{port}"
        own = CLIENTS / args.driver / "cases.json"
        selected = json.loads(own.read_text()) if own.exists() else CASES
        spec = {"url": url, "outdir": "reports", "cases": selected["cases"], "exclude-cases": [], "exclude-agent-cases": {}}
        (folder / "spec.json").write_text(json.dumps(spec))
        log = (folder / "server.log").open("wb")
        command = [*args.command, "-m", "fuzzingserver", "-s", "spec.json", "-u", "0"]
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            until(lambda: listens(port), 20, "the server does not listen")
            before = cpu(server.pid)
            children = os.times()
            began = time.monotonic()
            drive(args, folder, url)
            wall = time.monotonic() - began
            after = os.times()
            driver = after.children_user + after.children_system - children.children_user - children.children_system
            figures = (wall, cpu(server.pid) - before, driver, peak(server.pid))
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)
        index = json.loads((folder / "reports" / "index.json").read_text())
        (cases,) = index.values()
        rows = {id: [case["behavior"], case["behaviorClose"], case["remoteCloseCode"]] for id, case in cases.items()}
        by_number = sorted(rows, key=lambda id: [int(part) for part in id.split(".")])
        text = ",\n".join(f"    {json.dumps(id)}: {json.dumps(rows[id])}" for id in by_number)
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(f'{{\n  "server": {json.dumps(args.label)},\n  "cases": {{\n{text}\n  }}\n}}\n')
        if len(rows) != selected["count"]:
            sys.exit(f"control.py: {len(rows)} cases in the report, not {selected['count']}")
        return figures


def drive(args, folder, url):
    log = (folder / "driver.log").open("wb")
    driver = subprocess.Popen(
        [CLIENTS / args.driver / "drive.sh", url, args.driver], stdout=log, stderr=log, start_new_session=True
    )
    report = folder / "reports" / "index.json"
    try:
        until(report.exists, args.limit, "the reports do not come", ends=driver)
        try:
            driver.wait(LINGER)
        except subprocess.TimeoutExpired:
            pass
    finally:
        if driver.poll() is None:
            os.killpg(driver.pid, signal.SIGTERM)
            driver.wait(20)


def until(holds, limit, complaint, ends=None):
    deadline = time.monotonic() + limit
    while not holds():
        if ends is not None and ends.poll() not in (None, 0):
            sys.exit(f"control.py: {complaint}: the driver ended with {ends.returncode}")
        if time.monotonic() > deadline:
            sys.exit(f"control.py: {complaint}")
        time.sleep(0.005)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def peak(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
