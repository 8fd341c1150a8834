"""Services: the list, and the page of one, from which it is kept or retired."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from gaia.console import estimates, refusing
from gaia.console.looks import page, to
from gaia.console.pages.about_service import about
from gaia.console.pages.requests import picture
from gaia.errors import GaiaError, Invalid, Unauthenticated
from gaia.platform.model import FOR_EVER

if TYPE_CHECKING:
    from starlette.responses import Response

    from gaia.console.call import Call
    from gaia.platform.model import Until

MOST = 100
_REQUESTS = 5
_DAYS = 3650


def listed(call: Call) -> Response:
    """Live services, found as one types."""
    text, stack, after = call.asked("q"), call.asked("stack"), call.asked("after")
    stack_after, _, service_after = after.rpartition("/")
    lines = call.listing.services(
        stack=stack or None,
        holding=text or None,
        after=(stack_after, service_after) if after else None,
        limit=MOST + 1,
    )
    last = lines[MOST - 1] if len(lines) > MOST else None
    following = urlencode({"q": text, "stack": stack, "after": f"{last.stack}/{last.service}"}) if last else ""
    stacks: list[str] = []
    with suppress(GaiaError):
        stacks = [one["stack"] for one in call.reading.stacks()]
    return page(
        call,
        "parts/service_rows.html" if call.part else "services.html",
        lines=lines[:MOST],
        text=text,
        stack=stack,
        stacks=stacks,
        following=following,
    )


def one(call: Call) -> Response:
    """What it is, what it gives, what it costs, how it came to be."""
    return _shown(call)


def _shown(call: Call, status: int = 200, refused: object = None) -> Response:
    base = about(call, "")
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
    if not (days.isascii() and days.isdecimal() and 0 < int(days[:9]) <= _DAYS):
        raise Invalid("days-invalid", f"{days!r} is no number of days", next_step=f"Write 1 to {_DAYS:,}.")
    return timedelta(days=int(days))
