"""Parts of a page that follow what happens: sent as it comes, for as long as somebody looks."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from gaia.console import refusing
from gaia.console.rendering import SAFE
from gaia.errors import GaiaError
from gaia.kit.numbers import whole

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from gaia.console.call import Call

BUSY, QUIET = 0.4, 1.5
"""Seconds between two looks: where a run works, and where people are waited for."""
_ALIVE_EVERY = 15.0
"""Seconds after which a quiet stream says that it is there."""
_HIGHEST = 2**53
"""Number of an event; a browser has no higher one."""
_AT_ONCE = 25
"""Pages that follow something and are told without delay; with more of them each is told a little later."""


class News(Protocol):
    """What one page follows."""

    ended: bool
    """Whether nothing more comes."""
    pause: float
    """Seconds until the next look."""

    def parts(self) -> tuple[int, Sequence[str]]:
        """What is new as parts of the page, and the number that a reader who was cut off goes on from; 0: none."""
        ...


def seen(call: Call) -> int:
    """The number up to which this reader has seen everything."""
    return whole(call.request.headers.get("last-event-id") or call.asked("after") or "0", _HIGHEST) or 0


def followed(call: Call, news: News) -> Response:
    """The parts as they come.

    Raises:
        TooMany: `streams-many`.
    """
    call.request.app.state.streams.check(call.caller.id)
    return _Followed(call, news)


class _Followed(StreamingResponse):
    """A stream that has its place before anything is sent: who asks for many at once gets as many as one may have."""

    def __init__(self, call: Call, news: News) -> None:
        headers = {**SAFE, "x-accel-buffering": "no"}
        super().__init__(_until_it_breaks(call, news), media_type="text/event-stream", headers=headers)
        self._call = call

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = self._call.request
        with ExitStack() as place:
            try:
                place.enter_context(request.app.state.streams.one(self._call.caller.id))
            except GaiaError as error:
                await refusing.page_of(request, error)(scope, receive, send)
                return
            await super().__call__(scope, receive, send)


async def _until_it_breaks(call: Call, news: News) -> AsyncIterator[bytes]:
    with suppress(GaiaError):  # the answer has begun: the browser comes again, and is told then
        async for text in _texts(call, news):
            yield text


async def _texts(call: Call, news: News) -> AsyncIterator[bytes]:
    state, quiet = call.request.app.state, 0.0
    until = time.monotonic() + state.longest_stream
    while not state.ending():
        written = _message(*await run_in_threadpool(news.parts))
        if written:
            yield written
            quiet = 0.0
        if news.ended:
            yield b"event: end\ndata: {}\n\n"
            return
        if time.monotonic() >= until:
            return
        pause = news.pause * max(1.0, state.streams.number / _AT_ONCE)
        await asyncio.sleep(pause)
        quiet += pause
        if quiet >= _ALIVE_EVERY:
            quiet = 0.0
            yield b": still here\n\n"


def _message(number: int, parts: Sequence[str]) -> bytes:
    """One message of everything that is new."""
    text = "\n".join(parts)
    if not text.strip():
        return b""
    head = f"id: {number}\n" if number else ""
    return (head + "".join(f"data: {line}\n" for line in text.splitlines()) + "\n").encode()
