"""Services: the list, and the page of one, from which it is kept or retired."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from gaia.console import estimates, refusing, sorting
from gaia.console.pages.about_service import about
from gaia.console.pages.requests import picture
from gaia.console.rendering import page, to
from gaia.errors import GaiaError, Invalid, NotFound, Unauthenticated
from gaia.kit.numbers import whole
from gaia.kit.visible import cut
from gaia.platform.model import FOR_EVER
from gaia.records.origins import FACETS
from gaia.records.sorting import Sorting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from gaia.console.call import Call
    from gaia.platform.model import RequestLine, Until
    from gaia.platform.services.faceting import FacetsView
    from gaia.records.origins import Facet
    from gaia.records.sorting import Sort

MOST = 100
COLUMNS = (
    sorting.Column("Service", "name"),
    sorting.Column("Environment", "stack"),
    sorting.Column("Asked for", "asked", descending=True),
    sorting.Column("State"),
    sorting.Column("A month", kind="end"),
)
_SORTS: Mapping[str, Sort] = {"name": "name", "stack": "stack", "asked": "asked"}
_REQUESTS = 5
_DAYS = 3650
_LONGEST = 40
"""Characters of what was typed, in an error."""
_VALUES, _MOST_VALUES = 6, 100
"""Values of a facet that are shown at once, and when they are unfolded."""


def listed(call: Call) -> Response:
    """Live services, found as one types, and by what they are told apart by."""
    text, after = call.asked("q"), call.asked("after")
    order = sorting.asked(call.asked("sort"), COLUMNS, "stack")
    chosen: dict[Facet, str] = {name: call.asked(name) for name in FACETS if name in call.request.query_params}
    chosen = {name: value for name, value in chosen.items() if value or name == "owner"}
    lines = call.listing.services(
        holding=text or None,
        facets=chosen,
        sorting=Sorting(_SORTS[order.by], order.descending, _place(after, order.by)),
        limit=MOST + 1,
    )
    last = lines[MOST - 1] if len(lines) > MOST else None
    facets = call.listing.facets(chosen, holding=text or None)
    return page(
        call,
        "parts/found_services.html" if call.part else "services.html",
        lines=lines[:MOST],
        drifted={one.instance for one in call.drifting.list(state="drifted")},
        text=text,
        chosen=chosen,
        number=facets.number,
        facets=_links(facets, text, order.text),
        order=order.text,
        headings=sorting.headings(COLUMNS, order, lambda way: _address(text, chosen, way)),
        following=_address(text, chosen, order.text, after=_named(last, order.by)) if last else "",
    )


def _place(after: str, by: str) -> tuple[str, ...]:
    """Behind what a page goes on, as its list is sorted."""
    stack, _, service = after.rpartition("/")
    return {"asked": (after,), "name": (service, stack)}.get(by, (stack, service)) if after else ()


def _named(line: RequestLine, by: str) -> str:
    """What `_place` reads."""
    return line.id if by == "asked" else f"{line.stack}/{line.service}"


def _links(view: FacetsView, text: str, order: str) -> list[dict[str, object]]:
    """Each facet that tells something apart, with an address for each of its values: that with it, or without."""
    chosen = {one.name: one.chosen for one in view.facets if one.chosen is not None}
    found: list[dict[str, object]] = []
    for facet in view.facets:
        if len(facet.values) <= 1 and facet.chosen is None:
            continue
        values = []
        for value, number in facet.values:
            others = {name: other for name, other in chosen.items() if name != facet.name}
            here = value == facet.chosen
            with_it = others if here else {**others, facet.name: value}
            values.append({"value": value, "number": number, "here": here, "path": _address(text, with_it, order)})
        values.sort(key=lambda one: not one["here"])
        found.append({"name": facet.name, "values": values[:_VALUES], "more": values[_VALUES:_MOST_VALUES]})
    return found


def _address(text: str, chosen: Mapping[Facet, str], order: str, **more: str) -> str:
    asked = {name: value for name, value in (("q", text), ("sort", order)) if value}
    asked |= {str(name): value for name, value in chosen.items()} | more
    return f"/services?{urlencode(asked)}" if asked else "/services"


def one(call: Call) -> Response:
    """What it is, what it gives, what it costs, how it came to be."""
    return _shown(call)


def _gone(call: Call, error: NotFound) -> Response:
    """What was asked for under this name, where nothing of it lives any more."""
    service, stack = call.named("service"), call.named("stack")
    history = call.listing.requests(service=service, stack=stack, limit=MOST)
    if not history:
        raise error
    return page(call, "service_gone.html", 410, service=service, stack=stack, history=history)


def _shown(call: Call, status: int = 200, refused: object = None) -> Response:
    try:
        base = about(call, "")
    except NotFound as error:
        return _gone(call, error)
    line = base["line"]
    view = call.platform.request(line.id)
    history = call.listing.requests(service=line.service, stack=line.stack, limit=_REQUESTS)
    why = None
    with suppress(GaiaError):
        why = call.platform.why(line.service, stack=line.stack)
    shown = {**base, "view": view, "history": history, "why": why, "refused": refused, "graph": picture(call, view)}
    return page(call, "service.html", status, **shown, cost=estimates.estimate_of(line.cost))


def retire(call: Call) -> Response:
    """Ask for its end, which somebody decides about."""
    try:
        if call.typed("name") != call.named("service"):
            raise Invalid(
                "name-differs", "the name that was typed is not the service's", next_step="Type the service's name."
            )
        view = call.platform.retire(call.named("service"), call.named("stack"))
    except Unauthenticated:
        raise
    except GaiaError as error:
        return _shown(call, error.http_status, refusing.facts(error))
    return to(f"/requests/{quote(view.id, safe='')}")


def keep(call: Call) -> Response:
    """Move its end."""
    try:
        call.platform.keep(call.named("service"), call.named("stack"), until=_until(call.typed("days")))
    except Unauthenticated:
        raise
    except GaiaError as error:
        return _shown(call, error.http_status, refusing.facts(error))
    return to(call.request.url.path.removesuffix("/keep"))


def _until(days: str) -> Until | None:
    if days == FOR_EVER:
        return FOR_EVER
    if not days:
        return None
    number = whole(days, _DAYS)
    if not number:
        step = f"Write 1 to {_DAYS:,}."
        raise Invalid("days-invalid", f"{cut(days, _LONGEST)!r} is no number of days", next_step=step)
    return timedelta(days=number)
