"""Requests: the lists, and the page of one, which follows what happens to it."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from gaia.console import differences, drawing, estimates, refusing
from gaia.console.rendering import SAFE, page, rendered
from gaia.errors import GaiaError
from gaia.kit.numbers import whole
from gaia.platform.model import FINAL, WORKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.types import Receive, Scope, Send

    from gaia.console.call import Call
    from gaia.platform.model import RequestView
    from gaia.platform.views.events import Feed
    from gaia.records.model import RequestStatus

MOST = 100
"""Rows of a list."""
_LINES = 200
"""Lines of a log that a page shows; the rest is in the log's own page."""
_PAUSE, _ALIVE_EVERY = 0.4, 15.0
"""Seconds between two looks, and after which a quiet stream says that it is there."""
_HIGHEST = 2**53
"""Number of an event; a browser has no higher one."""
_AT_ONCE = 25
"""Pages that follow something and are told without delay; with more of them each is told a little later."""
TABS: Mapping[str, tuple[str, tuple[RequestStatus, ...] | None]] = {
    "": ("All", None),
    "waiting": ("Waiting", ("waiting",)),
    "running": ("Running", ("queued", "submitted", "applying")),
    "parked": ("Parked", ("parked",)),
    "done": ("Done", ("done",)),
    "ended": ("Not done", ("denied", "failed", "expired", "rejected")),
}


def listed(call: Call) -> Response:
    """Requests by what becomes of them."""
    tab, text = call.asked("show"), call.asked("q")
    tab = tab if tab in TABS else ""
    lines = call.listing.requests(TABS[tab][1], named=text or None, after=call.asked("after") or None, limit=MOST + 1)
    following = lines[MOST - 1].id if len(lines) > MOST else ""
    template = "parts/request_rows.html" if call.part else "requests.html"
    return page(call, template, lines=lines[:MOST], tab=tab, tabs=TABS, text=text, following=following)


def one(call: Call) -> Response:
    """Everything about one request."""
    return shown(call, call.platform_of(call.named("request")).request(call.named("request")))


def shown(call: Call, view: RequestView, status: int = 200, **more: object) -> Response:
    """The page of a request, with what is `more`: an error in its place, what was typed."""
    context = {"refused": None, "reason": "", **context_of(call, view), **more}
    return page(call, "request.html", status, **context)


def context_of(call: Call, view: RequestView) -> dict[str, Any]:
    """Everything that the page of a request shows."""
    preview = view.preview
    lines = list(call.platform_of(view.id).log(view.id))
    return {
        "view": view,
        "live": view.status in WORKING,
        "final": view.status in FINAL,
        "groups": differences.grouped(preview.changes) if preview else (),
        "counts": differences.counted(preview.changes) if preview else {},
        "cost": estimates.estimate_of(preview.cost) if preview else None,
        "findings": findings(preview.findings) if preview else {},
        "graph": picture(call, view),
        "log": lines[-_LINES:],
        "number": len(lines),
        "offered": call.offering.of_request(view),
    }


def findings(found: tuple[Mapping[str, Any], ...]) -> dict[str, list[Mapping[str, Any]]]:
    """What policies say, by what follows from it."""
    by_effect: dict[str, list[Mapping[str, Any]]] = {"deny": [], "undecided": [], "warn": []}
    for each in found:
        by_effect.setdefault(str(each["effect"]), []).append(each)
    return {effect: listed for effect, listed in by_effect.items() if listed}


def picture(call: Call, view: RequestView) -> object:
    """The instances and what they need, coloured by how far each is."""
    if not view.instances:
        return ""
    counts = {one.instance: one.counts for one in differences.grouped(view.preview.changes)} if view.preview else {}
    steps = dict(view.runs[-1].steps) if view.runs else {}
    nodes = [
        drawing.Node(
            key.partition("/")[2], _below(counts.get(key, {}), view), tone_of(key, counts.get(key, {}), steps, view)
        )
        for key in view.instances
    ]
    lines: list[tuple[str, str]] = []
    if view.preview is not None and view.preview.kept:
        with suppress(GaiaError):
            commit = None if view.status == "done" else view.preview.commit
            reading = call.served.reading(call.caller, repository=call.repository, commit=commit)
            edges: Any = reading.graph(view.stack)["edges"]
            inner = set(view.instances)
            lines = [
                (each["source"].partition("/")[2], each["target"].partition("/")[2])
                for each in edges
                if each["source"] in inner and each["target"] in inner
            ]
    return drawing.drawn(nodes, lines, f"What {view.service} is made of")


def _below(counts: Mapping[str, int], view: RequestView) -> str:
    if view.status == "done" and not view.is_retirement:
        number = sum(counts.values()) if view.kind == "provision" else 0  # a change counts what it changed, not all
        return f"{number} resource{'' if number == 1 else 's'}" if number else ""
    words = ", ".join(f"{number} to {_SPOKEN.get(action, action)}" for action, number in counts.items())
    return words or "unchanged"


_SPOKEN = {"update": "change", "delete": "destroy"}


def tone_of(key: str, counts: Mapping[str, int], steps: Mapping[str, str], view: RequestView) -> str:
    """What the style colours an instance by: how far its application is, else what would become of it."""
    state = next((state for step, state in steps.items() if step.endswith(f" {key}")), "")
    if state == "running":
        return "stopped" if view.status == "parked" else "running"
    if state == "done" or view.status == "done":
        return "done"
    return next(iter(counts), "same")


def log(call: Call) -> Response:
    """The whole log of a request, as text."""
    platform = call.platform_of(call.named("request"))
    return page(
        call, "log.html", view=platform.request(call.named("request")), log=list(platform.log(call.named("request")))
    )


def live(call: Call) -> Response:
    """What happens to a request, as it comes: parts of its page.

    Raises:
        TooMany: `streams-many`.
    """
    last = call.request.headers.get("last-event-id") or call.asked("after") or "0"
    feed = call.platform_of(call.named("request")).events(call.named("request"), after=whole(last, _HIGHEST) or 0)
    call.request.app.state.streams.check(call.caller.id)
    return _Followed(call, feed)


class _Followed(StreamingResponse):
    """A stream that has its place before anything is sent: who asks for many at once gets as many as one may have."""

    def __init__(self, call: Call, feed: Feed) -> None:
        headers = {**SAFE, "x-accel-buffering": "no"}
        super().__init__(_news(call, feed), media_type="text/event-stream", headers=headers)
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


async def _news(call: Call, feed: Feed) -> AsyncIterator[bytes]:
    with suppress(GaiaError):  # the answer has begun: the browser comes again, and is told then
        async for text in _texts(call, feed):
            yield text


async def _texts(call: Call, feed: Feed) -> AsyncIterator[bytes]:
    state, quiet = call.request.app.state, 0.0
    until = time.monotonic() + state.longest_stream
    while not state.ending():
        written = await run_in_threadpool(_written, call, feed)
        if written:
            yield written
            quiet = 0.0
        if feed.ended:
            yield b"event: end\ndata: {}\n\n"
            return
        if time.monotonic() >= until:
            return
        pause = _PAUSE * max(1.0, state.streams.number / _AT_ONCE)
        await asyncio.sleep(pause)
        quiet += pause
        if quiet >= _ALIVE_EVERY:
            quiet = 0.0
            yield b": still here\n\n"


def _written(call: Call, feed: Feed) -> bytes:
    """One message of everything that is new."""
    news = feed.news()
    lines = [event.data for event in news if event.kind == "log"]
    number = max((event.number or 0 for event in news), default=0)
    parts: list[str] = []
    if lines:
        parts.append(rendered("parts/live_log.html", log=lines, live=True))
    if any(event.kind == "request" for event in news):
        request = call.named("request")
        view = call.platform_of(request).request(request)
        context = {"call": call, "token": call.token, "refused": None, "reason": "", **context_of(call, view)}
        parts.append(rendered("parts/live.html", **context))
    text = "\n".join(parts)
    if not text.strip():
        return b""
    head = f"id: {number}\n" if number else ""
    return (head + "".join(f"data: {line}\n" for line in text.splitlines()) + "\n").encode()
