"""A line to the emulator that can be held and cut: what a network does to an API call, on purpose.

One request a connection, as the emulator has it. A rule sees each request and says what becomes of its answer.
"""

from __future__ import annotations

import http.client
import socket
import socketserver
import struct
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Fate = Literal["pass", "hold", "cut", "lose"]
"""What becomes of an answer; bytes in its place are the whole answer, and the emulator never hears of the request.
`hold`: the emulator does it, the answer waits for `Line.release`. `cut`: it does it, and the connection is reset.
`lose`: the emulator never hears of it, and who asked waits as for one that is held."""
_HELD_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came over the line."""

    method: str
    target: str
    """Path and query."""
    action: str
    """`X-Amz-Target` of the JSON protocol, or `Action` of the query protocol; empty for S3."""

    def __str__(self) -> str:
        return f"{self.method} {self.target} {self.action}".strip()


@dataclass
class Line:
    """The line's near end, and what has gone over it."""

    far: int
    rule: Callable[[Request], Fate | bytes]
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)
    """Set once something is being held."""
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """What `AWS_ENDPOINT_URL` is set to."""
        return f"http://127.0.0.1:{self.port}"

    def carry(self, near: socket.socket, raw: bytes, request: Request) -> None:
        """Hand one request on and bring the answer back, or not."""
        self.requests.append(request)
        fate = self.rule(request)
        if isinstance(fate, bytes):
            near.sendall(fate)
            return
        if fate == "lose":
            self.wait()
            return
        with socket.create_connection(("127.0.0.1", self.far)) as far:
            far.sendall(raw)
            answer = b"".join(iter(lambda: far.recv(65536), b""))
        if fate == "hold":
            self.wait()
        if fate == "cut":
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            near.sendall(answer)

    def wait(self) -> None:
        """Hold what goes over the line, and say so."""
        self.held.set()
        self.released.wait(_HELD_SECONDS)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        first = self.rfile.readline()
        if not first:
            return
        method, target, _ = first.decode().split(" ", 2)
        lines = [first]
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            lines.append(line)
        headers = http.client.parse_headers(_Lines([*lines[1:], b"\r\n"]))
        body = self.rfile.read(int(headers.get("Content-Length") or 0))
        action = headers.get("X-Amz-Target", "")
        if body.startswith(b"Action="):
            action = body.split(b"&", 1)[0].removeprefix(b"Action=").decode()
        line = getattr(self.server, "line")  # noqa: B009
        try:
            line.carry(self.connection, b"".join(lines) + b"\r\n" + body, Request(method, target, action))
        except OSError:  # the client has gone
            return


class _Lines:
    def __init__(self, lines: list[bytes]) -> None:
        self._lines = iter(lines)

    def readline(self, limit: int = -1) -> bytes:
        del limit
        return next(self._lines, b"")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128
    line: Line


@contextmanager
def a_line(far: str, rule: Callable[[Request], Fate | bytes]) -> Iterator[Line]:
    """A line to the emulator at the URL `far`; `rule` decides on each request."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.line = Line(int(far.rpartition(":")[2]), rule, server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.line
        finally:
            server.line.released.set()
            server.shutdown()
            thread.join()
