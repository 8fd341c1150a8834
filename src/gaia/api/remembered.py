"""Answers that hold until something is committed: many look at one request, again and again, while nothing happens.

An answer is given again to the same token alone, for the same call alone, and only where the database says that nobody
has committed anything since before it was made: a token that was revoked, a role that was withdrawn and a request that
went on are all commits. What an answer takes from elsewhere (the time, whether an engine runs) may be `LONGEST` old.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anyio import Lock
from fastapi.concurrency import run_in_threadpool

from gaia.errors import GaiaError
from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gaia.access.callers import Caller
    from gaia.api.limits import Throttle
    from gaia.records.database import Database

LONGEST = 2.0
"""Seconds; as long as `gaia.platform.views.reading` believes where the branch is."""
ROUTES = frozenset({"get_request", "get_preview", "list_requests", "list_services"})
"""The operations whose answers are made of the records: no file of a repository and no log that grows."""
_LARGEST = 1_000_000
_MOST_BYTES = 32_000_000


@dataclass(frozen=True, slots=True)
class _Answer:
    """Everything of an answer that was given, and of the call that the layers around it look at."""

    until: float
    """By the monotonic clock."""
    caller: Caller
    route: object
    start: Message
    body: bytes


class Remembered:
    """The answers of one server process, as long as the database is as it was. Used by its event loop alone."""

    def __init__(self, database: Callable[[], Database], now: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._now = now
        self._watch: ExitStack | None = None
        self._news: Callable[[], bool] = lambda: True
        self._answers: OrderedDict[bytes, _Answer] = OrderedDict()
        self._bytes = 0
        self._version = 0
        self._asking = Lock()

    async def version(self) -> int | None:
        """A number that is another one once anybody has committed; None where the database cannot be asked."""
        async with self._asking:
            try:
                if self._database().kind == "sqlite":  # a look into shared memory: sooner done than handed on
                    changed = self._look()
                else:
                    changed = await run_in_threadpool(self._look)
            except GaiaError:
                self.close()
                return None
            if changed:
                self._forget()
                self._version += 1
            return self._version

    def get(self, key: bytes) -> _Answer | None:
        """The answer that is known; to be asked for after `version`, which forgets what may be old."""
        known = self._answers.get(key)
        if known is None or known.until <= self._now():
            return None
        until = known.caller.until
        return None if until is None or until <= clock.now() else known

    def put(self, key: bytes, version: int, caller: Caller, route: object, start: Message, body: bytes) -> None:
        """Remember an answer that was begun at `version`."""
        if version != self._version or len(body) > _LARGEST:
            return
        self._drop(key)
        self._answers[key] = _Answer(self._now() + LONGEST, caller, route, start, body)
        self._bytes += len(body)
        while self._bytes > _MOST_BYTES:
            self._drop(next(iter(self._answers)))

    def close(self) -> None:
        """Give the connection back, and forget everything."""
        self._forget()
        self._version += 1
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.close()

    def _look(self) -> bool:
        if self._watch is None:
            with ExitStack() as opening:
                self._news = opening.enter_context(self._database().watch())
                self._watch = opening.pop_all()
        return self._news()

    def _drop(self, key: bytes) -> None:
        known = self._answers.pop(key, None)
        self._bytes -= len(known.body) if known is not None else 0

    def _forget(self) -> None:
        self._answers.clear()
        self._bytes = 0


class Remembering:
    """A layer of the app: answers what is known, and remembers what may be."""

    def __init__(self, app: ASGIApp, *, remembered: Remembered, throttle: Throttle) -> None:
        self._app, self._remembered, self._throttle = app, remembered, throttle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        secret = _secret(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        version = await self._remembered.version() if secret is not None else None
        if secret is None or version is None:
            await self._app(scope, receive, send)
            return
        key = _key(scope, secret)
        known = self._remembered.get(key)
        if known is None:
            await self._app(scope, receive, self._listening(scope, key, version, send))
            return
        scope["route"] = known.route
        scope.setdefault("state", {})["caller"] = known.caller
        self._throttle.passed(known.caller.token or known.caller.id)
        await send(known.start)
        await send({"type": "http.response.body", "body": known.body})

    def _listening(self, scope: Scope, key: bytes, version: int, send: Send) -> Send:
        begun: Message | None = None

        async def sending(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = message if message["status"] == 200 else None
            elif begun is not None and not message.get("more_body", False):
                route, caller = scope.get("route"), scope.get("state", {}).get("caller")
                if getattr(route, "operation_id", None) in ROUTES and caller is not None and caller.token:
                    self._remembered.put(key, version, caller, route, begun, message.get("body", b""))
            else:
                begun = None
            await send(message)

        return sending


def _secret(scope: Scope) -> str | None:
    """The token that a call is made with, where it is the only thing that says who calls."""
    given: list[bytes] = [value for name, value in scope["headers"] if name.lower() == b"authorization"]
    if len(given) != 1:
        return None
    scheme, _, secret = given[0].decode("latin-1").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" and secret.strip() else None


def _key(scope: Scope, secret: str) -> bytes:
    digest = hashlib.sha256()
    parts: tuple[Any, ...] = (secret.encode("latin-1"), scope["path"].encode(errors="surrogatepass"))
    for part in (*parts, scope["query_string"]):
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()
