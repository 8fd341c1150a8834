"""Run in a network namespace of its own, where there is nothing but the loopback interface: `python alone.py FOLDER`.

FOLDER holds a repository and gets a GAIA_HOME. A stack of it is made and unmade by `gaia`, and what the kernel counted
is printed: packets for which it had no way, and questions to name servers on the loopback interface.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

_UP = 0x8914, 0x1 | 0x40  # SIOCSIFFLAGS; IFF_UP, IFF_RUNNING
INSTANCE = ("things", "-s", "dev")


def switch_on() -> None:
    """A new namespace has the loopback interface, but down."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _UP[0], struct.pack("16sh14x", b"lo", _UP[1]))


def no_way() -> int:
    """How many times somebody wanted to send something away."""
    lines = [line.split() for line in Path("/proc/self/net/snmp").read_text().splitlines() if line.startswith("Ip:")]
    count = int(dict(zip(*lines, strict=True))["OutNoRoutes"])
    six = Path("/proc/self/net/snmp6").read_text().split() if Path("/proc/self/net/snmp6").exists() else []
    return count + int(dict(zip(six[::2], six[1::2], strict=True)).get("Ip6OutNoRoutes", 0))


def listen_for_questions(asked: list[bytes]) -> None:
    """Stand in for name servers that are said to be on this machine."""
    for line in Path("/etc/resolv.conf").read_text().splitlines():
        server = line.split()[1] if line.startswith("nameserver") else ""
        if server.startswith("127."):
            listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            listening.bind((server, 53))
            threading.Thread(target=_note, args=(listening, asked), daemon=True).start()


def _note(listening: socket.socket, asked: list[bytes]) -> None:
    while True:
        asked.append(listening.recv(512))


def tempt() -> int:
    """What the count says when somebody does want to get out: that it counts."""
    before = no_way()
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as away, contextlib.suppress(OSError):
            away.connect(("192.0.2.1", 443))
    return no_way() - before


def main() -> None:
    """Make, look again, unmake."""
    folder, asked = Path(sys.argv[1]), list[bytes]()
    switch_on()
    listen_for_questions(asked)
    environ = {**os.environ, "GAIA_HOME": str(folder / "home")}

    def gaia(*words: str) -> tuple[int, str]:
        line = [sys.executable, "-m", "gaia", *words]
        done = subprocess.run(line, cwd=folder / "repository", env=environ, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    refused = gaia("plan", *INSTANCE)
    before = no_way()
    done = [gaia("sandbox", "up")]
    wanted = (("apply", *INSTANCE, "--yes"), ("drift", *INSTANCE), ("destroy", *INSTANCE, "--yes"), ("sandbox", "down"))
    try:
        done += [gaia(*words) for words in wanted[:-1]]
    finally:
        done.append(gaia(*wanted[-1]))
    went = no_way() - before
    sys.stdout.write(
        json.dumps({"refused": refused, "done": done, "went": went, "asked": len(asked), "tempt": tempt()})
    )


if __name__ == "__main__":
    main()
