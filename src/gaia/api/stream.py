"""Server-sent events: numbered, so that a reader that was cut off goes on where it stopped."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

import orjson
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from gaia.api.plain import plain
from gaia.errors import GaiaError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from fastapi import Request
    from starlette.types import Receive, Scope, Send

    from gaia.platform.views.events import Event


class Feed(Protocol):
    """Events for one reader."""

    ended: bool

    def news(self) -> Sequence[Event]:
        """What this reader has not seen."""
        ...


MEDIA_TYPE = "text/event-stream"
_TEXT = {"type": "string"}
CONTENT = {
    MEDIA_TYPE: {
        "schema": {
            "type": "object",
            "description": "One event of the stream; `data` is JSON.",
            "properties": {"event": _TEXT, "id": _TEXT, "data": _TEXT},
            "required": ["data"],
        }
    }
}
"""What a stream is made of, as the document says it: OpenAPI before 3.2 knows no schema of one event."""
PAUSE = 0.3
"""Seconds between two looks."""
_ALIVE_EVERY = 15.0
"""Seconds after which a line that means nothing keeps proxies from closing a quiet stream."""


def stream(request: Request, feed: Feed, *, resumed: bool) -> Response:
    """The events as they come; 204, which ends a browser's attempts, where a reader has seen all there will be.

    What the reader may see is looked at again each time. After some minutes it is closed, and the reader comes again.

    Raises:
        TooMany: `streams-many`.
    """
    first = feed.news()
    if resumed and feed.ended and not any(one.number for one in first):
        return Response(status_code=204)
    request.app.state.streams.check(request.state.caller.id)
    until = time.monotonic() + request.app.state.limits.longest_stream
    return _Followed(request, _events(request, feed, first, until))


class _Followed(StreamingResponse):
    """A stream that has its place before anything is sent: who asks for many at once gets as many as one may have."""

    def __init__(self, request: Request, events: AsyncIterator[bytes]) -> None:
        super().__init__(events, media_type=MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})
        self._place = request.app.state.streams.one(request.state.caller.id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._place:
            await super().__call__(scope, receive, send)


async def _events(request: Request, feed: Feed, first: object, until: float) -> AsyncIterator[bytes]:
    state = request.app.state
    try:
        async for text in _texts(request, feed, first, until):
            yield text
    except GaiaError as error:  # the answer has begun: the reader comes again, and is told then
        state.log({"stream": "broke off", "code": error.code})


async def _texts(request: Request, feed: Feed, first: object, until: float) -> AsyncIterator[bytes]:
    state = request.app.state
    quiet, events = 0.0, first
    while True:
        for event in events:  # type: ignore[attr-defined]
            yield _written(event)
            quiet = 0.0
        if feed.ended:
            yield b"event: end\ndata: {}\n\n"
            return
        if state.ending or time.monotonic() >= until:
            return
        await asyncio.sleep(PAUSE)
        quiet += PAUSE
        if quiet >= _ALIVE_EVERY:
            quiet = 0.0
            yield b": still here\n\n"
        events = await run_in_threadpool(feed.news)


def _written(event: Event) -> bytes:
    number = f"id: {event.number}\n" if event.number is not None else ""
    return f"event: {event.kind}\n{number}data: ".encode() + orjson.dumps(plain(event.data)) + b"\n\n"
