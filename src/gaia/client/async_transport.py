"""Made by `make docs` of `transport.py`: calls over HTTP, to be awaited."""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx

from gaia.client.transport import _AGAIN, _CUT_OFF, _PREFIX, _TRIES, Event, Json, _asked, _code, _read, _unreachable
from gaia.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping


class AsyncTransport:
    """One server, in one person's name. `pause` is told how many seconds to wait before a call is made again."""

    def __init__(
        self,
        url: str,
        token: str | Callable[[], str | None] | None,
        http: httpx.AsyncClient | None,
        timeout: float,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._base = url.rstrip("/").removesuffix(_PREFIX) + _PREFIX
        self._token = token
        self._http = http or httpx.AsyncClient(timeout=timeout, follow_redirects=False)
        self._pause = pause

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def call(
        self, method: str, path: str, *, query: Mapping[str, object], body: object = None, again: bool = True
    ) -> Json:
        """The body of the answer. `again`: the server does the same call once, so it is made again if nobody answers.

        Raises:
            GaiaError: the server's problem, with its code; `server-unreachable`, `server-unreadable`.
        """
        headers = {**self._headers(), **({} if method == "GET" else {"Idempotency-Key": str(uuid.uuid4())})}
        more: dict[str, Any] = {"params": _asked(query), **({} if body is None else {"json": body})}
        tries = _TRIES if again else 1
        for attempt in range(1, tries + 1):
            last = attempt == tries
            try:
                answered = await self._http.request(method, self._base + path, headers=headers, **more)
            except httpx.TransportError as error:
                if last:
                    raise _unreachable(self._base, error, done=not again) from error
            else:
                if last or answered.status_code not in _AGAIN or _code(answered) not in ("", "server-ending"):
                    return _read(answered)
            await self._pause(0.2 * attempt)
        raise AssertionError("the last attempt ends")

    @asynccontextmanager
    async def stream(self, path: str, query: Mapping[str, object], last: int) -> AsyncIterator[httpx.Response]:
        """An answer that comes in pieces; `last` is the number of the last event that was read.

        Raises:
            GaiaError: as `call`.
        """
        headers = {**self._headers(), "Accept": "text/event-stream", **({"Last-Event-ID": str(last)} if last else {})}
        wait = httpx.Timeout(30.0, read=60.0)
        try:
            async with self._http.stream(
                "GET", self._base + path, params=_asked(query), headers=headers, timeout=wait
            ) as answered:
                if answered.status_code >= 400:
                    await answered.aread()
                    _read(answered)
                yield answered
        except httpx.TransportError as error:
            raise _unreachable(self._base, error) from error

    async def events(self, path: str, query: Mapping[str, object], after: int) -> AsyncIterator[Event]:
        """The events of a stream to its end. One that is cut off is begun again after the last number that was read.

        Raises:
            GaiaError: as `call`.
        """
        failed = 0
        while True:
            try:
                async with self.stream(path, query, after) as answered:
                    async for kind, number, data in async_events_of(answered):
                        failed, after = (0, number or after)
                        if kind == "end":
                            return
                        yield Event(kind, number, data)
                    if answered.status_code == 204:
                        return
            except Unavailable:
                failed += 1
                if failed > _CUT_OFF:
                    raise
            await self._pause(0.5)

    async def lines(self, path: str, query: Mapping[str, object]) -> AsyncIterator[bytes]:
        """The lines of a long answer, each with its end, as they come.

        Raises:
            GaiaError: as `call`.
        """
        wait, rest = (httpx.Timeout(30.0, read=120.0), b"")
        try:
            async with self._http.stream(
                "GET", self._base + path, params=_asked(query), headers=self._headers(), timeout=wait
            ) as got:
                if got.status_code >= 400:
                    await got.aread()
                    _read(got)
                async for part in got.aiter_bytes():
                    *whole, rest = (rest + part).split(b"\n")
                    for each in (line + b"\n" for line in whole):
                        yield each
        except httpx.TransportError as error:
            raise _unreachable(self._base, error) from error
        if rest:
            yield rest

    def _headers(self) -> dict[str, str]:
        token = self._token() if callable(self._token) else self._token
        return {"Authorization": f"Bearer {token}"} if token else {}


async def async_events_of(answered: httpx.Response) -> AsyncIterator[tuple[str, int | None, dict[str, Any]]]:
    """The events of a stream: kind, number, data."""
    kind, number, data = ("message", None, "")
    async for line in answered.aiter_lines():
        if not line:
            if data:
                yield (kind, number, json.loads(data))
            kind, number, data = ("message", None, "")
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            kind = value
        elif name == "id":
            number = int(value)
        elif name == "data":
            data += value


async def async_sleep(seconds: float) -> None:
    """Wait."""
    await asyncio.sleep(seconds)
