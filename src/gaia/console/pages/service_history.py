"""How a service came to be what it is, request by request, and what it cost from then on."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.console import estimates
from gaia.console.pages.about_service import about
from gaia.console.rendering import page
from gaia.cost.summary import summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from gaia.console.call import Call
    from gaia.platform.views.lineage import Ancestor


def history(call: Call) -> Response:
    """Who asked, who approved which digest, what it changed."""
    return page(call, "service_history.html", **about(call, "history"), ancestors=_lineage(call))


def cost(call: Call) -> Response:
    """What it was expected to cost from each application on: a table, which a script draws."""
    base = about(call, "cost")
    points = [_point(one) for one in _lineage(call) if one.applied_at is not None]
    estimate = estimates.estimate_of(base["line"].cost)
    return page(call, "service_cost.html", **base, points=points, cost=estimate)


def _lineage(call: Call) -> Sequence[Ancestor]:
    lineage = call.served.lineage(call.caller, repository=call.repository)
    return lineage.of(call.named("service"), call.named("stack"))


def _point(one: Ancestor) -> dict[str, object]:
    """A moment from which on it cost something else: nothing once it was retired; unknown is None, not zero."""
    if one.line.is_retirement:
        return {"one": one, "monthly": Decimal(0), "currency": "USD", "complete": True}
    if not one.line.cost:
        return {"one": one, "monthly": None, "currency": "USD", "complete": False}
    found = summary(one.line.cost)
    monthly = found.monthly if found.range.expected is None else found.range.expected
    return {"one": one, "monthly": monthly, "currency": found.currency, "complete": found.complete}
