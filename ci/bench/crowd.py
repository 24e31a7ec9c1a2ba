#!/usr/bin/env python3
"""Measures what a crowd of rude callers does to the control port: crowd.py [--callers N] COMMAND...

COMMAND takes the options of wstest. The callers are silent, send half a head, garbage or a head octet by octet, hold a case, a
status or a line for commands open, or reset. Beside them one polite client asks for the number of cases again and again. Prints
how many were connected, how long the polite one waited, and what the server's memory came to.
"""

import argparse
import json
import os
import pathlib
import resource
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time

import control

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def head(target, port=0):
    return (
        f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


MANNERS = [
    b"",
    b"GET /getCaseCount HTTP/1.1\r\nHost:",
    bytes(range(256)) * 8,
    b"\r\n\r\n",
    head("/runCase?case=1&agent=rude"),
    head("/getCaseStatus?case=2&agent=nobody"),
    head("/commands"),
    head("/runCase?case=9999999&agent=rude"),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--callers", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=8, help="how long the crowd stays")
    parser.add_argument("command", nargs="+")
    args = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    with tempfile.TemporaryDirectory(prefix="wsspec-crowd-") as directory:
        port = control.free_port()
        spec = {"url": f"ws://127.0.0.1:{port}", "outdir": "reports", "cases": ["1.*"]}
        pathlib.Path(directory, "spec.json").write_text(json.dumps(spec))
        log = pathlib.Path(directory, "server.log").open("wb")
        command = [*args.command, "-m", "fuzzingserver", "-s", "spec.json", "-u", "0"]
        server = subprocess.Popen(command, cwd=directory, stdout=log, stderr=log)
        try:
            control.until(lambda: control.listens(port), 20, "the server does not listen")
            alone = [ask(port) for _ in range(50)]
            stop = threading.Event()
            beside = []
            polite = threading.Thread(target=politely, args=(port, beside, stop))
            polite.start()
            began = time.monotonic()
            crowd = [call(port, MANNERS[number % len(MANNERS)]) for number in range(args.callers)]
            connected = time.monotonic() - began
            open_at_once = descriptors(server.pid)
            slow = [caller for number, caller in enumerate(crowd) if number % len(MANNERS) == 0]
            while time.monotonic() - began < args.seconds:
                for caller in slow[::2]:
                    try:
                        caller.send(b"G")
                    except OSError:
                        pass
                time.sleep(0.1)
            for caller in crowd:
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                caller.close()
            stop.set()
            polite.join()
            afterwards = [ask(port) for _ in range(50)]
            alive = server.poll() is None
            print(
                f"{args.callers} callers in {connected:.2f} s, {open_at_once} descriptors open; a polite client waited "
                f"{figures(alone)} alone, {figures(beside)} beside them ({len(beside)} times), {figures(afterwards)} afterwards; "
                f"server peak {control.peak(server.pid) / 1024:.0f} MiB, {'alive' if alive else 'dead'}"
            )
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)
    sys.exit(0 if alive and None not in beside + afterwards else 1)


def call(port, octets):
    caller = socket.create_connection(("127.0.0.1", port))
    caller.send(octets)
    return caller


def politely(port, waits, stop):
    while not stop.is_set():
        waits.append(ask(port))


def ask(port):
    """How long it takes until the number of cases is there."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as caller:
        caller.sendall(head("/getCaseCount", port))
        heard = b""
        while not heard.endswith(b"\x81\x0216\x88\x00"):
            piece = caller.recv(4096)
            if not piece:
                return None
            heard += piece
        took = time.monotonic() - began
        caller.sendall(b"\x88\x80\x01\x02\x03\x04")
        caller.recv(1)
    return took


def figures(waits):
    known = [wait * 1000 for wait in waits if wait is not None]
    return f"{statistics.median(known):.1f} ms (at most {max(known):.1f})" if known else "in vain"


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


if __name__ == "__main__":
    main()
