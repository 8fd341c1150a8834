"""The first page: what needs me, what runs, what changed, what is spent."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gaia.console.estimates import share_of
from gaia.console.rendering import page
from gaia.errors import GaiaError
from gaia.kit import clock
from gaia.notifications.events import FAMILIES
from gaia.notifications.model import PREFIX
from gaia.notifications.words import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from gaia.console.call import Call
    from gaia.notifications.model import EventView

_MOST, _CHANGES = 50, 12
_LOOKED_AT = 60
"""Events of which those are shown that are the platform's: an admin is told of every session too."""
_SOON, _MOST_ENDING = timedelta(days=7), 10


def home(call: Call) -> Response:
    """Everything at a glance."""
    return page(call, "home.html", **lists(call))


def lists(call: Call) -> dict[str, Any]:
    """What needs the caller, what runs, what changed, and the number of the newest event of which that is so."""
    newest = call.happening.newest(limit=_LOOKED_AT)
    listing = call.listing
    waiting = listing.requests(("waiting", "parked"), limit=_MOST)
    awaited = call.offering.awaited(waiting)
    return {
        "mine": [one for one in waiting if one.id in awaited],
        "others": [one for one in waiting if one.id not in awaited],
        "running": listing.requests(("queued", "submitted", "applying"), limit=_MOST),
        "events": event_rows(newest)[:_CHANGES],
        "ending": listing.ending(clock.now() + _SOON, limit=_MOST_ENDING),
        "services": listing.services(limit=1),
        "number": newest[-1].seq if newest else 0,
    }


def event_rows(found: Sequence[EventView]) -> list[dict[str, str]]:
    """Events of the platform as sentences, the newest first; who signs in and has which token, the audit log says."""
    return [
        {"text": sentence(one), "at": one.time, "request": one.subject if one.subject.startswith("req_") else "",
         "kind": one.type.removeprefix(PREFIX)}
        for one in reversed(found)
        if one.type.removeprefix(PREFIX).partition(".")[0] in FAMILIES
    ]  # fmt: skip


def budgets(call: Call) -> Sequence[Mapping[str, Any]]:
    """How far each budget goes, as bars; none where the repository's files cannot be read."""
    found: list[Mapping[str, Any]] = []
    with suppress(GaiaError):
        for one in call.reading.money()["budgets"]:
            taken = share_of(one["committed"], one["amount"])
            reserved = min(100.0 - taken, share_of(one["reserved"], one["amount"]))
            left = Decimal(str(one["left"])) if one["left"] is not None else Decimal(0)
            found.append({**one, "scope_said": _said(one), "taken": taken, "held": reserved, "over": max(-left, 0)})
    return found


def _said(scope: Mapping[str, Any]) -> str:
    """What a budget is of: `acme, every stage`."""
    parts = [str(scope["tenant"]) if scope["tenant"] not in (None, "", "*") else "Every tenant"]
    parts.append(str(scope["stage"]) if scope["stage"] not in (None, "", "*") else "every stage")
    parts += [str(scope["service"])] if scope["service"] not in (None, "", "*") else []
    return ", ".join(parts)
