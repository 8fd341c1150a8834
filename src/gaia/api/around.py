"""What lies around every call: its id, its line in the log, its size, and the end of an error that nobody expected."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
import traceback
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from starlette.requests import Request

from gaia.api.declared import PREFIX
from gaia.api.limits import too_large
from gaia.api.problems import defect, problem
from gaia.errors import GaiaError, Unavailable
from gaia.kit import telemetry
from gaia.kit.files import disk_failed
from gaia.kit.numbers import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.responses import Response as StarletteResponse
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gaia.api.connections import Through
    from gaia.api.limits import Limits

REQUEST_ID = "x-request-id"
_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS")
_SAFE = {
    "x-content-type-options": "nosniff",
    "cache-control": "private, no-cache",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}
_OWN = {"cache-control", "content-security-policy"}
"""What an answer may say for itself: a page shows pictures and runs our own scripts."""


class Around:
    """The outermost layer of the app."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        log: Callable[[Mapping[str, object]], None],
        limits: Limits,
        hide: Callable[[str], str],
        through: Through,
        shown: Callable[[Request, GaiaError], StarletteResponse | None] = lambda *_: None,
    ) -> None:
        self._app, self._log, self._limits, self._hide, self._shown = app, log, limits, hide, shown
        self._through = through

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _headers(scope)
        given = headers.get(REQUEST_ID, "")
        call = given if _ID.fullmatch(given) else uuid4().hex
        begun, said, status = time.perf_counter(), dict[str, object](), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = {name.decode("latin-1").lower() for name, _ in message["headers"]} & _OWN
                safe = {name: value for name, value in _SAFE.items() if name not in own}
                message = {**message, "headers": _with(message["headers"], {**safe, REQUEST_ID: call})}
            await send(message)

        with telemetry.span("call", caller=headers.get("traceparent")) as span:
            try:
                with self._through.one(Request(scope)):
                    await self._app(scope, _Body(receive, headers, self._limits).receive, sending)
            except Exception as error:  # noqa: BLE001 - the one place where an answer is made of what nobody expected
                known = _known(error)
                if known is None:
                    trace = self._hide("".join(traceback.format_exception(error)))
                    said = {"error": type(error).__name__, "trace": trace}
                if not status:
                    told = known or defect()
                    answer = self._shown(Request(scope), told) or problem(told, scope["path"], self._hide)
                    await answer(scope, receive, sending)
            finally:
                span.note(request_id=call, method=_method(scope), route=_form(scope), status=status)
                seconds = time.perf_counter() - begun
                self._tell(scope, call, status, seconds, {**_linked(span), **said})

    def _tell(self, scope: Scope, call: str, status: int, seconds: float, said: Mapping[str, object]) -> None:
        """A line of the log: of the path its form alone, so that nothing that somebody typed stands there."""
        caller = scope.get("state", {}).get("caller")
        who = {"person": caller.id, "token": caller.token} if caller is not None else {}
        self._log(
            {
                "request_id": call,
                "method": _method(scope),
                "route": _form(scope),
                "status": status,
                "ms": round(seconds * 1000, 1),
                **who,
                **said,
            }
        )


def _method(scope: Scope) -> str:
    """One that there is: any other is what somebody typed."""
    return str(scope["method"]) if scope["method"] in _METHODS else "other"


def _form(scope: Scope) -> str:
    route = scope.get("route")
    form = str(getattr(route, "path", "")) or "(no route)"
    return PREFIX + form.removeprefix(PREFIX) if route is not None and scope["path"].startswith(PREFIX) else form


def _linked(span: telemetry.Heard) -> dict[str, object]:
    """Where to look on: the runs that the call queued, and its trace."""
    found = {"runs": list(span.queued), "trace_id": span.trace}
    return {name: value for name, value in found.items() if value}


def _known(error: BaseException) -> GaiaError | None:
    """The expected failure that an exception is, or holds alone: a group of tasks wraps what one of them raises."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error if isinstance(error, GaiaError) else disk_failed(error)


class _Body:
    """Hands a body on as long as it is small enough and comes soon enough."""

    def __init__(self, receive: Receive, headers: Mapping[str, str], limits: Limits) -> None:
        self._receive, self._limits = receive, limits
        self._left = limits.body
        self._until: float | None = time.monotonic() + limits.patience
        length = headers.get("content-length", "0")
        self._refused = whole(length, limits.body) is None

    async def receive(self) -> Message:
        """The next part.

        Raises:
            TooLarge: `body-too-large`. Unavailable: `body-too-slow`.
        """
        if self._refused:
            raise too_large(self._limits.body)
        if self._until is None:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), max(0.01, self._until - time.monotonic()))
        except TimeoutError as error:
            raise Unavailable(
                "body-too-slow", "the body of the call did not come in time", next_step="Send it again, at once."
            ) from error
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise too_large(self._limits.body)
            if not message.get("more_body", False):
                self._until = None  # what comes now is that the caller has gone
        return message


class Tagged:
    """Gives what is read an ETag, and answers 304 to who has it already."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        wanted = [one.strip().removeprefix("W/") for one in _headers(scope).get("if-none-match", "").split(",")]
        begun: Message | None = None
        body: list[bytes] = []

        async def sending(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                kind = dict(message["headers"]).get(b"content-type", b"")
                if message["status"] != 200 or not kind.startswith(b"application/json"):
                    await send(message)
                    return
                begun = message
                return
            if begun is None:
                await send(message)
                return
            body.append(message.get("body", b""))
            if message.get("more_body", False):
                return
            whole = b"".join(body)
            tag = f'"{hashlib.sha256(whole).hexdigest()[:32]}"'
            same = tag in wanted or "*" in wanted
            kept = _with(begun["headers"], {"etag": tag})
            if same:
                kept = [(name, value) for name, value in kept if name not in (b"content-length", b"content-type")]
            await send({**begun, "status": 304 if same else 200, "headers": kept})
            await send({"type": "http.response.body", "body": b"" if same else whole})

        await self._app(scope, receive, sending)


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _with(headers: list[Any], more: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    added = {name.encode(): value.encode() for name, value in more.items()}
    return [*((name, value) for name, value in headers if name.lower() not in added), *added.items()]
