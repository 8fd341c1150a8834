"""The process that serves: the API, and the engine beside it where no other process is the engine."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import uvicorn

from gaia.api.app import make_api
from gaia.api.connections import limited
from gaia.api.proxies import Proxies
from gaia.bootstrap.watched import lines, watched
from gaia.errors import Unavailable
from gaia.kit.interrupt import Interrupt
from gaia.platform.serving.standing import StandingEngine
from gaia.platform.views.measures import Measures

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from fastapi import FastAPI

    from gaia.api.browsers import MakePage
    from gaia.bootstrap import App

_PATIENCE = 10
"""Seconds that calls get to end in when the server is to end."""
_WAITING = 128
"""Connections that may wait to be taken."""


class _Server(uvicorn.Server):
    """Tells open streams that the server ends, so that they do not hold it up."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal has come."""
        self._app.state.ending = True
        super().handle_exit(sig, frame)

    _app: FastAPI


def run(
    home: App,
    host: str,
    port: int,
    *,
    began: Callable[[str, str | None, str | None], None],
    write: Callable[[str], object],
    carries_out: bool = True,
    page: MakePage | None = None,
) -> None:
    """Serve until a signal ends it: calls are answered to their end, then what terraform does is.

    Where it `carries_out`, an engine runs beside the API; else what is asked for waits for a worker.

    `began` is told the address; where nobody was there also the first admin's token, and a link that signs them in,
    once, with a browser. `write` takes a line of the log, which is JSON. `page` makes what browsers get.

    Raises:
        Unavailable: `port-unusable`; what is wrong with the home. Invalid: `proxies-invalid`.
    """

    settings, measures = home.settings, Measures()
    log, hide = lines(settings, write)

    def tell(text: str) -> None:
        log({"message": text})

    proxies = Proxies.capture(settings.environ)
    home.join(tell)
    with watched(settings, log, measures, tell), home.served() as served, _bound(host, port) as listening:
        server, engine, interrupt = (
            _made(make_api(served, proxies=proxies, log=log, hide=hide, measures=measures, page=page)),
            StandingEngine(home.working, tell) if carries_out else None,
            Interrupt(),
        )

        def ended(_times: int) -> None:
            _end(server)
            if engine:
                engine.ask()

        with interrupt.by_signals(), interrupt.watched(ended):
            if engine:
                engine.start()
            try:
                address, token = _address(listening, host), served.first_admin()
                link = f"{served.first.public_url or address}/login/{served.admin_link()}" if token else None
                began(address, token, link)
                server.run(sockets=[listening])  # afterwards it hands the signal on, which ends the engine too
            finally:
                if engine:
                    engine.end()


def _made(app: FastAPI) -> _Server:
    server = _Server(
        uvicorn.Config(
            app,
            http=limited(app.state.limits, app.state.proxies),
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            timeout_graceful_shutdown=_PATIENCE,
            lifespan="on",
        )
    )
    server._app = app  # noqa: SLF001 - our own
    return server


def _end(server: _Server) -> None:
    server._app.state.ending = True  # noqa: SLF001 - our own
    server.should_exit = True


def _bound(host: str, port: int) -> socket.socket:
    try:
        return _listening(host, port)
    except OSError as error:
        raise Unavailable(
            "port-unusable",
            f"cannot listen on {host}:{port}: {error.strerror or error}",
            next_step="Give another --port, or end what listens there; 0 takes a free one.",
        ) from error


def _listening(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    # The protocol is named, for asyncio turns Nagle's algorithm off only then: each answer would wait 40 ms.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(_WAITING)
    except OSError:
        made.close()
        raise
    return made


def _address(listening: socket.socket, host: str) -> str:
    name: Any = listening.getsockname()
    return f"http://{f'[{host}]' if ':' in host else host}:{name[1]}"
