"""One `PlatformDoor`, two kinds: the platform with everything below it played, and the fake that doors are tested with.

Both with the same people: ann asks, gus approves, vic looks on, root administers; bob is another tenant's.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, cast

import httpx
from tests.unit.platform.loop import STACK
from tests.unit.platform.played import refused

from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from anyio.from_thread import BlockingPortal
    from tests.unit.platform.loop import Loop

    from gaia.bootstrap.served import Served
    from gaia.client import AsyncClient, Client
    from gaia.platform.model import RequestView
    from gaia.platform.ports import PlatformDoor
    from gaia.records.model import RequestStatus
    from gaia.testing.platform import FakePlatform


class Subject(Protocol):
    """One of both."""

    template: str
    answers: dict[str, object]
    component: str
    """One that is there without any request."""

    def as_(self, who: str) -> PlatformDoor:
        """The door in somebody's name; empty: in nobody's."""
        ...

    def begin(self, stage: str) -> str:
        """Let the test begin with a request of ann's that is `waiting`, `approved` or `done`; its id."""
        ...

    def go_on(self, request: str, *, to: RequestStatus | None = None) -> RequestView:
        """Carry its newest run out; `to` is the status that it is to end in, where that is not what it would be."""
        ...


@dataclass
class Real:
    """`service.Platform`."""

    loop_at: Callable[[str], Loop]
    template: str = "pair"
    answers: dict[str, object] = field(default_factory=lambda: {"text": "hello"})
    component: str = "net"

    def __post_init__(self) -> None:
        self.loop = self.loop_at("new")

    def begin(self, stage: str) -> str:
        """By a copy of what was made once."""
        self.loop = self.loop_at(stage)
        return self.loop.request

    def as_(self, who: str) -> PlatformDoor:
        """By token."""
        return self.loop.as_(who)

    def go_on(self, request: str, *, to: RequestStatus | None = None) -> RequestView:
        """Without an engine."""
        if to == "parked":
            self.loop.world.fails = {name: refused("no more quota") for name in self.loop.row(request).instances}
        if to == "denied":
            self.loop.rules.always("plan.polite.deny", "no")
        view = self.loop.carry_out(request)
        self.loop.world.fails = {}
        return view


@dataclass
class Remote(Real):
    """`RemotePlatform`: the same over HTTP, with a server in this process."""

    stack: ExitStack = field(default_factory=ExitStack)

    def as_(self, who: str) -> PlatformDoor:
        """By token, in a header."""
        from starlette.testclient import TestClient

        from gaia.api.app import make_api
        from gaia.bootstrap.remote import RemotePlatform
        from gaia.client import Client

        http = self.stack.enter_context(TestClient(make_api(self.served()), raise_server_exceptions=False))
        client = Client("http://testserver", self.loop.tokens.get(who), http=http, pause=lambda _: None)
        return RemotePlatform(client)

    def served(self) -> Served:
        """What the server in this process works with."""
        from gaia.bootstrap.served import Served
        from gaia.policy.regorus import Regorus

        return Served(self.loop.platform, lambda: refused("no prices"), Regorus, "us-east-1")  # type: ignore[arg-type, return-value]


@dataclass
class RemoteAwaited(Remote):
    """The same with the client whose calls are awaited, in an event loop of its own."""

    def as_(self, who: str) -> PlatformDoor:
        """By token, in a header."""
        from anyio.from_thread import start_blocking_portal

        from gaia.api.app import make_api
        from gaia.bootstrap.remote import RemotePlatform
        from gaia.client import AsyncClient

        portal = self.stack.enter_context(start_blocking_portal())
        app = make_api(self.served())
        self.stack.enter_context(portal.wrap_async_context_manager(app.router.lifespan_context(app)))
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app))
        made = AsyncClient("http://testserver", self.loop.tokens.get(who), http=http, pause=_at_once)
        self.stack.callback(portal.call, made.close)
        return RemotePlatform(cast("Client", Awaited(portal, made)))


async def _at_once(_seconds: float) -> None:
    """Nobody waits."""


@dataclass
class Awaited:
    """An `AsyncClient` as its twin: each call is awaited in the portal's loop."""

    portal: BlockingPortal
    client: AsyncClient

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            made = getattr(self.client, name)(*given, **named)
            return self._each(made) if hasattr(made, "__anext__") else self.portal.call(_result, made)

        return call

    def _each(self, made: AsyncIterator[Any]) -> Iterator[Any]:
        while True:
            try:
                yield self.portal.call(made.__anext__)
            except StopAsyncIteration:
                return


async def _result(made: Awaitable[Any]) -> Any:
    return await made


@dataclass
class Fake:
    """`FakePlatform`."""

    platform: FakePlatform
    template: str = "object-store"
    answers: dict[str, object] = field(default_factory=dict)
    component: str = "other"

    def as_(self, who: str) -> PlatformDoor:
        """By name."""
        return replace(self.platform, caller=who)

    def begin(self, stage: str) -> str:
        """By its own calls."""
        request = ask(self)
        self.go_on(request)
        if stage != "waiting":
            self.as_("gus").approve(request)
        if stage == "done":
            self.go_on(request)
        return request

    def go_on(self, request: str, *, to: RequestStatus | None = None) -> RequestView:
        """As the fake goes on, which ends where a test says."""
        return replace(self.platform, caller="ann", end=to).work(request)


GRANTS = {
    "ann": Grant("developer", "acme"), "gus": Grant("approver", "acme"), "vic": Grant("viewer", "acme"),
    "root": Grant("admin", "acme"), "bob": Grant("admin", "other"),
}  # fmt: skip


def ask(subject: Subject, service: str = "photos") -> str:
    """ann asks; the request's id."""
    return subject.as_("ann").submit(subject.template, service, STACK, subject.answers).id
