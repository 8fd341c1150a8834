"""A search over services, requests, resources and stacks."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gaia.console.rendering import page
from gaia.errors import GaiaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from gaia.console.call import Call
    from gaia.platform.model import RequestLine

_SHORTEST, _MOST = 2, 12


def search(call: Call) -> Response:
    """Services, requests, resources and stacks in whose names a text stands."""
    text = call.asked("q")
    services, found, stacks = [], [], []
    asked: Sequence[RequestLine] = ()
    if len(text) >= _SHORTEST:
        services = list(call.listing.services(holding=text, limit=_MOST))
        asked = call.listing.requests(named=text, limit=_MOST)
        found = [one for one in call.listing.search(text) if one.kind == "resource"][:_MOST]
        with suppress(GaiaError):
            stacks = [one["stack"] for one in call.reading.stacks() if text.lower() in one["stack"].lower()][:_MOST]
    template = "parts/found.html" if call.part else "search.html"
    return page(
        call,
        template,
        text=text,
        short=len(text) < _SHORTEST,
        services=services,
        requests=asked,
        resources=found,
        stacks=stacks,
    )
