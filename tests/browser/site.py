"""Gaia's page over a platform on a real database, served on a port of its own; what stands below is played."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn
from tests.unit.api.conftest import served_of

from gaia.api.app import make_api
from gaia.console.app import Console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fastapi import FastAPI
    from tests.unit.platform.loop import Loop

    from gaia.bootstrap.served import Served


@dataclass(frozen=True)
class Site:
    """Where it is, and who may come in."""

    url: str
    served: Served
    loop: Loop
    app: FastAPI

    def cut(self) -> None:
        """Every page that follows something is cut off, as by a server that begins anew."""
        self.app.state.ending = True
        until = time.monotonic() + 30
        while self.app.state.page.following:
            assert time.monotonic() < until, "something is still followed"
            time.sleep(0.01)
        self.app.state.ending = False

    def link(self, who: str) -> str:
        """A link that signs somebody in once."""
        return f"{self.url}/login/{self.served.signing_in.make_link(who)}"


@contextmanager
def served_site(loop: Loop, log: Callable[[Mapping[str, object]], None] = lambda _: None) -> Iterator[Site]:
    """The page of a loop, until the block ends."""
    served = served_of(loop)
    app = make_api(served, page=Console, log=log)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < until, "the server has not begun"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Site(f"http://localhost:{port}", served, loop, app)
    finally:
        app.state.ending = True
        server.should_exit = True
        thread.join(30)
