"""Calls over HTTP: a token, keys that make a repeated call harmless, and the server's problems as errors."""

from __future__ import annotations

import json
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from gaia.errors import (
    Conflict,
    Defect,
    GaiaError,
    Invalid,
    Next,
    NotFound,
    Refused,
    ToolFailed,
    TooMany,
    Unauthenticated,
    Unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Json = dict[str, Any]

_KINDS: Mapping[int, type[GaiaError]] = {
    401: Unauthenticated, 403: Refused, 404: NotFound, 409: Conflict, 429: TooMany, 500: Defect, 502: ToolFailed,
}  # fmt: skip
_PREFIX = "/api/v1"
_TRIES = 3
_AGAIN = (502, 503, 504)
"""Statuses of a proxy, or of a server that begins or ends: the same call may be answered a moment later."""

_CUT_OFF = 5
"""How often a stream may be cut off in a row before that is an error."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a request: `log` with a line, `request` with the whole request."""

    kind: str
    number: int | None
    """Of a line; to go on after it."""
    data: Json


class Transport:
    """One server, in one person's name. `pause` is told how many seconds to wait before a call is made again."""

    def __init__(
        self,
        url: str,
        token: str | Callable[[], str | None] | None,
        http: httpx.Client | None,
        timeout: float,
        pause: Callable[[float], None],
    ) -> None:
        self._base = url.rstrip("/").removesuffix(_PREFIX) + _PREFIX
        self._token = token
        self._http = http or httpx.Client(timeout=timeout, follow_redirects=False)
        self._pause = pause

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def call(
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
                answered = self._http.request(method, self._base + path, headers=headers, **more)
            except httpx.TransportError as error:
                if last:
                    raise _unreachable(self._base, error, done=not again) from error
            else:
                if last or answered.status_code not in _AGAIN or _code(answered) not in ("", "server-ending"):
                    return _read(answered)
            self._pause(0.2 * attempt)
        raise AssertionError("the last attempt ends")

    @contextmanager
    def stream(self, path: str, query: Mapping[str, object], last: int) -> Iterator[httpx.Response]:
        """An answer that comes in pieces; `last` is the number of the last event that was read.

        Raises:
            GaiaError: as `call`.
        """
        headers = {**self._headers(), "Accept": "text/event-stream", **({"Last-Event-ID": str(last)} if last else {})}
        wait = httpx.Timeout(30.0, read=60.0)
        try:
            with self._http.stream(
                "GET", self._base + path, params=_asked(query), headers=headers, timeout=wait
            ) as answered:
                if answered.status_code >= 400:
                    answered.read()
                    _read(answered)
                yield answered
        except httpx.TransportError as error:
            raise _unreachable(self._base, error) from error

    def events(self, path: str, query: Mapping[str, object], after: int) -> Iterator[Event]:
        """The events of a stream to its end. One that is cut off is begun again after the last number that was read.

        Raises:
            GaiaError: as `call`.
        """
        failed = 0
        while True:
            try:
                with self.stream(path, query, after) as answered:
                    for kind, number, data in events_of(answered):
                        failed, after = 0, number or after
                        if kind == "end":
                            return
                        yield Event(kind, number, data)
                    if answered.status_code == 204:
                        return
            except Unavailable:
                failed += 1
                if failed > _CUT_OFF:
                    raise
            self._pause(0.5)

    def lines(self, path: str, query: Mapping[str, object]) -> Iterator[bytes]:
        """The lines of a long answer, each with its end, as they come.

        Raises:
            GaiaError: as `call`.
        """
        wait, rest = httpx.Timeout(30.0, read=120.0), b""
        try:
            with self._http.stream(
                "GET", self._base + path, params=_asked(query), headers=self._headers(), timeout=wait
            ) as got:
                if got.status_code >= 400:
                    got.read()
                    _read(got)
                for part in got.iter_bytes():
                    *whole, rest = (rest + part).split(b"\n")
                    yield from (line + b"\n" for line in whole)
        except httpx.TransportError as error:
            raise _unreachable(self._base, error) from error
        if rest:
            yield rest

    def _headers(self) -> dict[str, str]:
        token = self._token() if callable(self._token) else self._token
        return {"Authorization": f"Bearer {token}"} if token else {}


def _unreachable(base: str, error: Exception, *, done: bool = False) -> Unavailable:
    """`done`: what was called for may have been done all the same, and would be done once more."""
    look = "Look whether the server runs and GAIA_URL names it"
    never = not done or isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
    step = f"{look}." if never else f"{look}, and what it has done already before you call again."
    return Unavailable("server-unreachable", f"cannot reach {base}: {error}", next_step=step)


def _asked(query: Mapping[str, object]) -> dict[str, str]:
    return {name: _text(value) for name, value in query.items() if value is not None}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _code(answered: httpx.Response) -> str:
    """The code of a problem; empty where a proxy answered."""
    try:
        document = answered.json()
    except ValueError:
        return ""
    return str(document.get("code", "")) if isinstance(document, dict) else ""


def _read(answered: httpx.Response) -> Json:
    try:
        document = answered.json()
    except ValueError:
        document = None
    if isinstance(document, dict) and answered.status_code < 400:
        return document
    if isinstance(document, dict) and "code" in document and "detail" in document:
        raise _error(answered.status_code, document)
    raise Unavailable(
        "server-unreadable",
        f"the server answered {answered.status_code}, and nothing that is an answer of Gaia's",
        next_step="Look whether GAIA_URL names a server of Gaia, and what stands before it.",
    )


def _error(status: int, document: Mapping[str, Any]) -> GaiaError:
    """The server's problem as the error that it was there."""
    step = document.get("next") or {}
    words = str(step.get("words", ""))
    said: str = words
    if step.get("act"):
        said = Next(
            str(step["act"]),
            str(step.get("subject", "")),
            str(step.get("said", words.removesuffix("."))),
            stack=str(step.get("stack", "")),
            options=tuple(step.get("options", ())),
            after=str(step.get("after", "")),
        )
    return _kind(status)(
        str(document["code"]), str(document["detail"]), next_step=said, facts=document.get("facts") or {}
    )


def _kind(status: int) -> type[GaiaError]:
    return _KINDS.get(status) or (Unavailable if status > 500 else Invalid)


def events_of(answered: httpx.Response) -> Iterator[tuple[str, int | None, dict[str, Any]]]:
    """The events of a stream: kind, number, data."""
    kind, number, data = "message", None, ""
    for line in answered.iter_lines():
        if not line:
            if data:
                yield kind, number, json.loads(data)
            kind, number, data = "message", None, ""
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            kind = value
        elif name == "id":
            number = int(value)
        elif name == "data":
            data += value


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)
