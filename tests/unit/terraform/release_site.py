"""A release site on the loopback interface, which each test tells how to answer."""

from __future__ import annotations

import io
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = b"#!/bin/sh\n" + bytes(range(256)) * 4096


def archive_of(members: dict[str, bytes]) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as content:
        for name, data in members.items():
            content.writestr(name, data)
    return buffer.getvalue()


ARCHIVE = archive_of({"LICENSE.txt": b"terms", "terraform": PROGRAM})


class Exchange(BaseHTTPRequestHandler):
    """One request; the test's `answer` decides."""

    server: Site

    def do_GET(self) -> None:
        """Write the request down and answer it."""
        self.server.seen.append((self.path, self.headers.get("Range")))
        self.server.answer(self)

    def reply(self, body: bytes, *, status: int = 200, cut: int | None = None, **headers: str) -> None:
        """Answer with `body`, or with its first `cut` bytes only while promising all of it."""
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body[:cut])

    def start(self) -> int:
        """The first byte that is asked for."""
        return int((self.headers.get("Range") or "bytes=0-")[6:-1])

    def serve(self, body: bytes, cut: int | None = None) -> None:
        """Answer like a release site does, ranges included."""
        start = self.start()
        if start == 0:
            self.reply(body, cut=cut)
        elif start >= len(body):
            self.reply(b"", status=416)
        else:
            span = f"bytes {start}-{len(body) - 1}/{len(body)}"
            self.reply(body[start:], status=206, cut=cut, Content_Range=span)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


class Site(ThreadingHTTPServer):
    """A release site; `seen` is what it was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.seen: list[tuple[str, str | None]] = []
        self.answer: Callable[[Exchange], None] = lambda exchange: exchange.serve(ARCHIVE)
        self.url = f"http://127.0.0.1:{self.server_port}"
