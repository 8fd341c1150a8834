"""Requests to a host's REST API: pages, waiting when it throttles, tries that end, and one error for each end.

The token stands in a header of requests to the API's own address and nowhere else: a page that lies elsewhere is not
asked for, and no message quotes a header.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import orjson

from gaia.ci.hosts.answer import Told, unreadable
from gaia.errors import GaiaError, Invalid, NotFound, Refused, Unauthenticated, Unavailable
from gaia.kit import clock, outgoing
from gaia.kit.visible import cut, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Parameters = Mapping[str, str | int]

TRIES = 6
"""Of one request, whatever stands in its way."""
PATIENCE = 600.0
"""Seconds that one command waits in all for a host that throttles or fails."""
MOST_PAGES = 100
"""Of one list, of a hundred entries each."""
_SECONDS = 30.0
_LARGEST = 32_000_000
"""Bytes of an answer: a hundred comments of the greatest length, as JSON may write them."""
_SECONDARY = 60.0
"""Seconds to wait where a host throttles and does not say how long: as GitHub's documentation says."""
_PASSING = (500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Words:
    """What is different from host to host in what people are told."""

    host: str
    token: str
    """The variable that has it."""
    rights: str
    """What a token needs, to be continued after `It needs`."""


def path(*parts: str | int) -> str:
    """A path whose parts hold whatever somebody named: `path("repos", owner)`.

    Raises:
        Invalid: `host-name-unusable`: it would lead elsewhere.
    """
    for part in parts:
        if part in ("", ".", ".."):
            raise Invalid(
                "host-name-unusable",
                f"{part!r} names nobody and nothing at a host",
                next_step="Name a team ORGANISATION/TEAM, a person by the account, a commit in full.",
            )
    return "".join(f"/{quote(str(part), safe='')}" for part in parts)


@dataclass(slots=True)
class Asking:
    """Asks one API with one token."""

    root: str
    """The API's address, without a slash at its end."""
    headers: Mapping[str, str] = field(repr=False)
    words: Words
    tell: Callable[[str], object]
    """Told in one line when there is something to wait for."""
    wait: Callable[[float], object] = time.sleep
    _left: float = field(default=PATIENCE, init=False)
    _http: httpx.Client | None = field(default=None, init=False, repr=False)
    """Made at the first request, and kept: reading certificates takes longer than asking. It holds no connection."""

    def get(self, where: str, **parameters: str | int) -> Told:
        """One thing."""
        return Told(self._json(self.send("GET", where, parameters)), where)

    def pages(self, where: str, **parameters: str | int) -> Iterator[Told]:
        """The entries of a list, page by page; the next page is asked for when it is wanted.

        Raises:
            Unavailable: as `send`; `host-list-too-long` after `MOST_PAGES`.
        """
        at, given = where, {"per_page": 100, **parameters}
        for _ in range(MOST_PAGES):
            answer = self.send("GET", at, given)
            yield from Told(self._json(answer), where).each()
            following = answer.links.get("next", {}).get("url")
            if not following:
                return
            if not following.startswith(f"{self.root}/"):
                raise unreadable(where, "its next page is at another address")
            at, given = following.removeprefix(self.root), {}
        raise Unavailable(
            "host-list-too-long",
            f"{self.words.host} has more than {MOST_PAGES * 100:,} entries at {where}",
            next_step="Close or remove what is done with; Gaia does not decide by half of a list.",
        )

    def put(self, method: str, where: str, body: Mapping[str, object], *, safe: bool = False) -> Told:
        """Change something. `safe`: twice is as good as once, so it may be tried again after a lost answer."""
        return Told(self._json(self.send(method, where, {}, body, safe=safe)), where)

    def send(
        self,
        method: str,
        where: str,
        parameters: Parameters,
        body: Mapping[str, object] | None = None,
        *,
        safe: bool = False,
    ) -> httpx.Response:
        """Send a request until it is answered for good: its answer.

        What was throttled was not done, so it is sent again. What failed half-way is sent again where that cannot
        make two of it.

        Raises:
            Unauthenticated: `host-unauthenticated`. Refused: `host-forbidden`. NotFound: `host-not-found`.
            Invalid: `host-refused`, `host-moved`. Unavailable: `host-throttled`, `host-failing`.
            GaiaError: as `gaia.kit.outgoing.client`.
        """
        again = safe or method in ("GET", "PUT", "PATCH")
        failed = ""
        for tried in range(1, TRIES + 1):
            try:
                answer = self._once(method, where, parameters, body)
            except httpx.HTTPError as error:
                failed = type(error).__name__
                pause: float | None = 2.0**tried if again or isinstance(error, httpx.ConnectError) else None
            else:
                if answer.is_success:
                    return answer
                pause = _throttled(answer)
                if pause is not None:
                    failed = "it throttles"
                elif answer.status_code in _PASSING:
                    failed, pause = f"it answers {answer.status_code}", 2.0**tried if again else None
                else:
                    raise self._error(method, where, answer)
            if pause is None or tried == TRIES:
                break
            self.pause(pause, failed)
        raise Unavailable(
            "host-failing",
            f"{self.words.host} did not carry out {method} {_shown(where)}: {failed}",
            next_step=f"Look whether {self.words.host} is well, then run the job again: nothing is done twice.",
        )

    def _once(
        self, method: str, where: str, parameters: Parameters, body: Mapping[str, object] | None
    ) -> httpx.Response:
        sent = {"User-Agent": "Gaia", **self.headers}
        content = None
        if body is not None:
            content, sent["Content-Type"] = orjson.dumps(body), "application/json"
        if self._http is None:
            # Private addresses too: the job's environment says where its host is, not what somebody proposes.
            self._http = outgoing.client(allow_private=True, timeout=_SECONDS, largest=_LARGEST)
        return self._http.request(
            method, self.root + where, params=dict(parameters) or None, content=content, headers=sent
        )

    def pause(self, seconds: float, why: str) -> None:
        """Wait, and say so.

        Raises:
            Unavailable: `host-throttled`: it would be longer than is waited in all.
        """
        if seconds > self._left:
            raise Unavailable(
                "host-throttled",
                f"{self.words.host} cannot be asked now ({why}), and may be in {seconds:,.0f} s",
                next_step="Run the job again then. Fewer jobs at once, or a token of their own, have more requests.",
            )
        self._left -= seconds
        self.tell(f"Waiting {seconds:,.0f} s for {self.words.host}: {why}.")
        self.wait(seconds)

    def _json(self, answer: httpx.Response) -> object:
        try:
            return orjson.loads(answer.content)
        except ValueError as error:
            raise unreadable(str(answer.request.url.path), "it is no JSON") from error

    def _error(self, method: str, where: str, answer: httpx.Response) -> GaiaError:
        status, host = answer.status_code, self.words.host
        said = _message(answer)
        what = f"{host} answers {status} to {method} {_shown(where)}" + (f": {said}" if said else "")
        if status == 401:
            return Unauthenticated(
                "host-unauthenticated",
                what,
                next_step=f"Give the job a token in {self.words.token}. It needs {self.words.rights}.",
            )
        if status == 403:
            return Refused(
                "host-forbidden",
                what,
                next_step=f"Give the token in {self.words.token} the right. It needs {self.words.rights}.",
            )
        if status in (404, 410):
            return NotFound(
                "host-not-found",
                what,
                next_step=f"Look whether it is there; the owner of {self.words.token} may not be able to see it.",
            )
        if answer.is_redirect:
            return Invalid(
                "host-moved", what, next_step="The repository was renamed or moved: name it as it is called now."
            )
        return Invalid("host-refused", what, next_step="Look at what it says; the host does not take the request.")


def _throttled(answer: httpx.Response) -> float | None:
    """Seconds until it may be asked again, where that is what the answer says."""
    status, headers = answer.status_code, answer.headers
    left = headers.get("x-ratelimit-remaining") or headers.get("ratelimit-remaining")
    known = "retry-after" in headers or left == "0" or "rate limit" in _message(answer).lower()
    if status != 429 and not (status == 403 and known):
        return None
    if (after := _after(headers.get("retry-after", ""))) is not None:
        return after
    reset = headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset") or ""
    if left == "0" and reset.isascii() and reset.isdecimal() and len(reset) < 12:
        return max(1.0, int(reset) - clock.now().timestamp() + 1)
    return _SECONDARY


def _after(text: str) -> float | None:
    if text.isascii() and text.isdecimal() and len(text) < 12:
        return max(1.0, float(text))
    try:
        return max(1.0, (parsedate_to_datetime(text) - clock.now()).total_seconds())
    except (ValueError, TypeError):
        return None


def _message(answer: httpx.Response) -> str:
    """What the host says of it, in one line."""
    try:
        told = orjson.loads(answer.content)
    except ValueError:
        return ""
    if not isinstance(told, dict):
        return ""
    said = told.get("message") or told.get("error") or ""
    text = said if isinstance(said, str) else orjson.dumps(said).decode()
    return cut(visible(" ".join(text.split())), 300)


def _shown(where: str) -> str:
    return cut(visible(where), 200)
