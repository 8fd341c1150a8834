"""A real Flagger, and the numbers that it asks for: it moves traffic, and takes it back, by what a Prometheus says."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.cluster.control_plane import free_ports
from tests.conftest import ROOT

from gaia.kit import process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cluster.control_plane import ControlPlane


@dataclass
class Numbers:
    """A Prometheus that says what a test wants; `None`: there is no such number."""

    value: float | None = None
    port: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, query: str) -> dict[str, Any]:
        """As Prometheus answers an instant query."""
        self.asked.append(query)
        value = 1.0 if query == "vector(1)" else self.value
        result = [] if value is None else [{"metric": {}, "value": [1767225600, str(value)]}]
        return {"status": "success", "data": {"resultType": "vector", "result": result}}


@contextmanager
def numbers() -> Iterator[Numbers]:
    """Begin it."""
    made = Numbers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query).get("query", [""])[0]
            body = json.dumps(made.answer(query)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def flagger(cluster: ControlPlane, folder: Path, prometheus: str) -> Iterator[process.Child]:
    """Begin the controller."""
    program = shutil.which("flagger", path=f"{ROOT / '.tools/bin'}{os.pathsep}{os.environ.get('PATH', '')}")
    if program is None:
        pytest.skip("optional: flagger is not built: make tools-cluster")
    [port] = free_ports(1)
    child = process.start(
        [
            program, f"-kubeconfig={cluster.kubeconfig}", f"-metrics-server={prometheus}", f"-port={port}",
            "-mesh-provider=gatewayapi:v1", "-log-level=info", "-enable-leader-election=false",
        ],
        cwd=folder, env=process.child_environment(os.environ), keep_output=True,
    )  # fmt: skip
    try:
        yield child
    finally:
        child.stop()
