"""A GAIA_HOME whose emulator is surely ended, and a small stand-in for moto that starts in no time."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from gaia import sandbox
from gaia.kit import process
from gaia.sandbox import moto

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gaia.kit.procfs import Identity

STAND_IN = """
import http.server, socket, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.send_response(200); self.end_headers()
    do_GET = do_PUT = do_POST = answer
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
server.socket.close()
server.socket = socket.socket(fileno=int(sys.argv[1]))
server.serve_forever()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty GAIA_HOME."""
    yield tmp_path / "home"
    (tmp_path / "home").mkdir(exist_ok=True)
    if (tmp_path / "home/sandbox/state.json").exists():
        sandbox.down(tmp_path / "home")


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start a server that says yes to everything in place of moto."""

    def start(folder: Path, socket: int) -> Identity:
        command = [sys.executable, "-S", "-c", STAND_IN, str(socket)]
        return process.start_detached(command, cwd=folder, env={}, log=folder / "moto.log", keep_open=[socket])

    monkeypatch.setattr(moto, "start", start)
