"""An address at which Prometheus reads a process that answers no calls: a worker."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Invalid, Unavailable
from gaia.platform.views.measures import MEDIA_TYPE
from gaia.records.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gaia.platform.views.measures import Measures

_PATIENCE = 10.0
"""Seconds that somebody who calls gets for the lines of their call."""


@contextmanager
def measured_at(address: str, measures: Measures, records: Path | str) -> Iterator[str]:
    """Answer `/metrics`, and `/healthz`, at `HOST:PORT` while the block runs; gives the address with the port it has.

    Nobody is asked who they are, so the address has to be one that only those reach who may read figures.

    Raises:
        Invalid: `metrics-address-invalid`. Unavailable: `port-unusable`.
    """
    host, port = _parsed(address)
    reader = _Records(records)

    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE
        server_version = "gaia"
        sys_version = ""

        def do_GET(self) -> None:
            if self.path not in ("/metrics", "/healthz"):
                self.send_error(404)
                return
            body = reader.text(measures) if self.path == "/metrics" else b"ok\n"
            self.send_response(200)
            self.send_header("Content-Type", MEDIA_TYPE if self.path == "/metrics" else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's word
            """Nobody reads a line for each look."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Who called has gone."""

    try:
        server = Server((host, port), Handler)
    except (OSError, OverflowError) as error:
        raise Unavailable(
            "port-unusable",
            f"cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}",
            next_step="Give another --metrics, or end what listens there; port 0 takes a free one.",
        ) from error
    thread = threading.Thread(target=server.serve_forever, name="gaia-metrics", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        reader.close()


class _Records:
    """The database, once it can be reached."""

    def __init__(self, records: Path | str) -> None:
        self._records = records
        self._database: Database | None = None
        self._one_at_a_time = threading.Lock()

    def text(self, measures: Measures) -> bytes:
        with self._one_at_a_time:
            try:
                self._database = self._database or Database.open(self._records)
                return measures.text(self._database)
            except GaiaError:
                return measures.without_records()

    def close(self) -> None:
        if self._database is not None:
            self._database.close()


def _parsed(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not (host and colon and port.isascii() and port.isdecimal() and len(port) <= 5 and int(port) <= 65535):
        raise Invalid(
            "metrics-address-invalid",
            f"{address[:100]!a} is no address to listen on",
            next_step="Write HOST:PORT, for instance 127.0.0.1:9464.",
        )
    return host.removeprefix("[").removesuffix("]"), int(port)
