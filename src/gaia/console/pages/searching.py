"""A search over services, requests, resources and stacks."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gaia.console.rendering import page
from gaia.errors import GaiaError

if TYPE_CHECKING:
    from starlette.responses import Response

    from gaia.console.call import Call

_SHORTEST, _MOST = 2, 12


def search(call: Call) -> Response:
    """Services, requests, resources and stacks in whose names a text stands."""
    text = call.asked("q")
    services, found, stacks = [], [], []
    if len(text) >= _SHORTEST:
        services = list(call.listing.services(holding=text, limit=_MOST))
        found = list(call.listing.search(text, limit=_MOST))
        with suppress(GaiaError):
            stacks = [one["stack"] for one in call.reading.stacks() if text.lower() in one["stack"].lower()][:_MOST]
    template = "parts/found.html" if call.part else "search.html"
    return page(
        call,
        template,
        text=text,
        short=len(text) < _SHORTEST,
        services=services,
        requests=[one for one in found if one.kind == "request"],
        resources=[one for one in found if one.kind == "resource"],
        stacks=stacks,
    )
