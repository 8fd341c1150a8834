"""The socket of the emulator, taken before it starts: the port cannot be lost to somebody else."""

from __future__ import annotations

import errno
import socket
import time
from typing import TYPE_CHECKING

from gaia.errors import Next, Unavailable
from gaia.sandbox.recording import read_header

if TYPE_CHECKING:
    from pathlib import Path

_RELEASED = 1.0
"""Seconds within which the kernel gives back the port of a process that has ended long ago."""
_JUST_RELEASED = 20.0
"""The same for one that has been ended just now, on a machine that has much else to do."""


def listen(port: int) -> socket.socket:
    """A socket that listens on this port of 127.0.0.1; 0 takes a free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise Unavailable(
            "port-taken",
            f"port {port} of this machine is {'taken' if error.errno == errno.EADDRINUSE else 'not yours to use'}",
            next_step=Next("sandbox up", words="Leave the port out, and a free one is taken"),
        ) from error
    return listener


def listen_again(recording: Path) -> socket.socket:
    """On the port of what was recorded, if nobody else has it now."""
    header = read_header(recording)
    if header is None:
        return listen(0)
    try:
        return listen_after(header.port, seconds=_RELEASED)
    except Unavailable:
        return listen(0)


def listen_after(port: int, *, seconds: float = _JUST_RELEASED) -> socket.socket:
    """On the port of a process that has ended: its threads may hold it for a moment longer."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return listen(port)
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
