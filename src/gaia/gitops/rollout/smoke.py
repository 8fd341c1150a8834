"""The smoke test of a service: a page that has to answer when it has arrived."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx

from gaia.errors import GaiaError, ToolFailed
from gaia.kit import outgoing

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.gitops.model import Place, Smoke

TRIES = 5
_PAUSE = 3.0
"""Seconds between two tries: a gateway learns of new pods a little later."""


def check(
    place: Place,
    smoke: Smoke,
    *,
    pause: Callable[[float], object] = time.sleep,
    resolve: outgoing.Resolve = outgoing.resolved,
) -> None:
    """Ask until the answer has the status that is wanted, a few times.

    Raises:
        ToolFailed: `release-smoke-failed`.
    """
    said = ""
    for tried in range(TRIES):
        if tried:
            pause(_PAUSE)
        said = _answer(smoke, resolve)
        if said == str(smoke.status):
            return
    raise ToolFailed(
        "release-smoke-failed",
        f"{place} is deployed, and its smoke test is not passed: {smoke.url} answers {said}, not {smoke.status}",
        next_step="Look at what it answers, then repair it or take the release back.",
    )


def _answer(smoke: Smoke, resolve: outgoing.Resolve) -> str:
    try:
        with outgoing.client(allow_private=True, resolve=resolve) as http, http.stream("GET", smoke.url) as answer:
            return str(answer.status_code)
    except httpx.HTTPError as error:
        return f"nothing ({type(error).__name__})"
    except GaiaError as error:
        return f"nothing ({error.message})"
