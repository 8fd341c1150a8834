"""Receivers that are real, and a platform whose webhooks may lead to them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from standardwebhooks import Webhook as Verifier
from tests.unit.platform.conftest import loop, loop_at, stages

from gaia.access.callers import authenticate
from gaia.kit import clock
from gaia.notifications.delivering import Delivering
from gaia.notifications.outlets import Outlets
from gaia.notifications.sending import sender
from gaia.platform.callers.webhooks import Webhooks
from gaia.records import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from tests.unit.platform.loop import Loop

    from gaia.notifications.sending import Send

__all__ = ["loop", "loop_at", "stages"]


@dataclass
class Receiver:
    """An HTTP server that writes down what it is told and answers as it was told to."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    """What it answers, one after the other; then 204."""
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def documents(self) -> list[dict[str, Any]]:
        """What it was told."""
        return [orjson.loads(body) for _, body in self.got]

    def types(self) -> list[str]:
        """Of the events."""
        return [one["type"] for one in self.documents()]

    def ids(self) -> list[str]:
        """Of the messages."""
        return [headers["webhook-id"] for headers, _ in self.got]

    def verified(self, secret: str) -> int:
        """How many of them the verifier of Standard Webhooks takes; it raises for one that is not signed so."""
        for headers, body in self.got:
            Verifier(secret).verify(body, headers)
        return len(self.got)


@pytest.fixture(name="receiver")
def receiving() -> Iterator[Receiver]:
    """One that listens on this machine."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield receiver
    server.shutdown()
    thread.join()
    server.server_close()


URL = "https://gaia.test"
"""Where people reach it."""


@dataclass
class Told:
    """A loop with webhooks: everybody's, and the chore that serves them."""

    loop: Loop
    environ: dict[str, str]

    def webhooks(self, who: str, send: Send | None = None) -> Webhooks:
        """In somebody's name."""
        platform = replace(self.loop.platform, environ=self.environ)
        with platform.database.read() as tx:
            return Webhooks(platform, authenticate(tx, self.loop.tokens.get(who), clock.now()), send)

    def delivering(self, send: Send | None = None) -> Delivering:
        """The chore."""
        platform, outlets = self.loop.platform, Outlets(self.environ)
        made = send or sender(outlets)
        where = (platform.database, platform.key, platform.repository, URL)
        return Delivering(*where, made, budget=60, patience=60)  # a busy machine is no reason to fail

    def happens(self, action: str, *, tenant: str = "acme", stage: str = "dev", **facts: object) -> int:
        """Something is done to a service of that place; its number."""
        platform, now = self.loop.platform, clock.now()
        with platform.database.begin() as tx:
            from gaia.platform.acting import Place
            from gaia.records import audit, people

            ann = people.get_person(tx, "ann")
            row = requests.add(
                tx, repository="platform", tenant=tenant, stage=stage, stack=f"{tenant}-use1-{stage}",
                service=f"s{audit.last(tx)}", kind="provision", template="pair", template_version="1.0.0",
                answers={}, requester=ann.id, at=now, expires_at=None,
            )  # fmt: skip
            platform.audit.note(tx, ann.id, action, row.id, facts, where=Place(tenant, stage))
            return audit.last(tx)


@pytest.fixture
def told(loop: Loop) -> Told:
    """Webhooks may lead to this machine."""
    return Told(loop, {**loop.platform.environ, "GAIA_WEBHOOKS_PRIVATE": "1"})


@pytest.fixture
def clock_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the clock."""
    return lambda moment: monkeypatch.setattr(clock, "now", lambda: moment)
