"""Calls to the two APIs: a token in a header and nowhere else, answers with an end, one error for each way to fail."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from gaia.errors import GaiaError, Invalid, Refused, Unauthenticated, Unavailable
from gaia.gitops.rollout.answers import is_object, text
from gaia.kit import outgoing

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping

LARGEST = 8_000_000
"""Bytes of one answer, or of one event."""
_SECONDS = 20.0
_LONGEST_TOKEN = 16_384


@dataclass(frozen=True, slots=True)
class Access:
    """How one of them is reached."""

    root: str
    """Its address, without a slash at its end."""
    token: Callable[[], str] = field(repr=False)
    """Read for each call: tokens change."""
    words: str
    """What it is, for people."""
    settings: str
    """Where its address and token are set."""
    context: ssl.SSLContext | None = field(default=None, repr=False)
    """Whom its certificate has to be vouched for by, where that is not the machine's list."""


def get(access: Access, path: str, parameters: Mapping[str, str]) -> Mapping[str, object] | None:
    """One answer; None where there is no such thing.

    Raises:
        Unavailable: `cluster-unreachable`, `cluster-unreadable`. Unauthenticated: `cluster-unauthenticated`.
        Refused: `cluster-forbidden`. Invalid: `cluster-token`, as `outgoing.check_url`.
    """
    with _client(access, _SECONDS, LARGEST) as http:
        try:
            answer = http.get(access.root + path, params=dict(parameters), headers=_headers(access))
        except (httpx.HTTPError, Unavailable) as error:
            raise _unreachable(access, _kind(error)) from error
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    _check(access, answer)
    found = _object(answer.content)
    if found is None:
        raise unreadable(access, "it is no JSON object")
    return found


def lines(access: Access, path: str, parameters: Mapping[str, str], seconds: float) -> Iterator[bytes]:
    """The lines of an answer that goes on, until it is cut, or the time is over."""
    rest = b""
    with _client(access, seconds, LARGEST * 8) as http:
        try:
            with http.stream("GET", access.root + path, params=dict(parameters), headers=_headers(access)) as answer:
                if answer.status_code != httpx.codes.OK:
                    return
                for part in answer.iter_raw():
                    *whole, rest = (rest + part).split(b"\n")
                    yield from whole
                    if len(rest) > LARGEST:
                        return
        except (httpx.HTTPError, Unavailable):
            return


def unreadable(access: Access, what: str) -> Unavailable:
    """The error for an answer that says nothing."""
    return Unavailable(
        "cluster-unreadable",
        f"{access.words} answered something else than was asked for: {what}",
        next_step=f"Look whether {access.settings} leads to the right server, and whether its version is one of 3.",
    )


def _client(access: Access, seconds: float, largest: int) -> httpx.Client:
    # Private addresses too: who calls says where the cluster is, not what somebody proposes.
    return outgoing.client(allow_private=True, timeout=max(seconds, 0.1), largest=largest, context=access.context)


def _headers(access: Access) -> dict[str, str]:
    token = access.token().strip()
    if not token:
        return {"User-Agent": "Gaia"}
    if len(token) > _LONGEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise Invalid(
            "cluster-token",
            f"the token for {access.words} is no token: it has blanks, lines or characters that none has",
            next_step=f"Look at what {access.settings} says.",
        )
    return {"User-Agent": "Gaia", "Authorization": f"Bearer {token}"}


def _check(access: Access, answer: httpx.Response) -> None:
    status = answer.status_code
    if answer.is_success:
        return
    body = _object(answer.content) or {}
    said = text(body, "message") or text(body, "error")
    what = f"{access.words} answers {status}" + (f": {said}" if said else "")
    if status == httpx.codes.UNAUTHORIZED:
        step = f"Give a token that it takes; {access.settings} says where it is."
        raise Unauthenticated("cluster-unauthenticated", what, next_step=step)
    if status == httpx.codes.FORBIDDEN:
        step = "Give a token that may get applications of the tenant's project."
        raise Refused("cluster-forbidden", what, next_step=step)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.TOO_MANY_REQUESTS:
        raise _unreachable(access, f"it answers {status}" + (f": {said}" if said else ""))
    raise unreadable(access, f"status {status}" + (f": {said}" if said else ""))


def _unreachable(access: Access, what: str) -> Unavailable:
    return Unavailable(
        "cluster-unreachable",
        f"{access.words} cannot be asked: {what}",
        next_step=f"Look whether it is well, and at what {access.settings} says.",
    )


def _kind(error: Exception) -> str:
    """Without an address, a header or anything else that a library puts into its words."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "nobody who is known here vouches for its certificate"
    return error.message if isinstance(error, GaiaError) else type(error).__name__


def _object(content: bytes) -> Mapping[str, object] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if is_object(found) else None
