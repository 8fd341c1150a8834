"""What waits for somebody to decide, what the rules ask for, and who may decide in whose name."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from gaia.console import refusing
from gaia.console.pages.requests import MOST
from gaia.console.rendering import page, to
from gaia.errors import GaiaError, Invalid, Unauthenticated
from gaia.kit import clock

if TYPE_CHECKING:
    from starlette.responses import Response

    from gaia.access.approval_rules import Rule
    from gaia.console.call import Call
    from gaia.records.model import RequestStatus

_WAITING: tuple[RequestStatus, ...] = ("waiting",)
_BETWEEN = "|"
"""Stands between tenant and stage in a field: neither may have one."""


def approvals(call: Call) -> Response:
    """The caller's first."""
    return _shown(call)


def lend(call: Call) -> Response:
    """Let somebody approve in the caller's name, until the end of a day."""
    tenant, _, stage = call.typed("place").partition(_BETWEEN)
    try:
        until = _end_of(call.typed("until"))
        call.people.delegations.give(call.typed("person"), tenant=tenant or "*", stage=stage or "*", until=until)
    except Unauthenticated:
        raise
    except GaiaError as error:
        return _shown(call, error.http_status, refusing.facts(error))
    return to("/approvals#lent")


def take_back(call: Call) -> Response:
    """End it now: who gave it, or who has it."""
    try:
        call.people.delegations.revoke(call.typed("of"))
    except Unauthenticated:
        raise
    except GaiaError as error:
        return _shown(call, error.http_status, refusing.facts(error))
    return to("/approvals#lent")


def _shown(call: Call, status: int = 200, refused: object = None) -> Response:
    lines = call.listing.requests(_WAITING, limit=MOST)
    awaited = call.offering.awaited(lines)
    mine = {call.caller.name}
    lent = [one for one in call.people.delegations.known() if one.holds and mine & {one.owner, one.to}]
    return page(
        call,
        "approvals.html",
        status,
        mine=[one for one in lines if one.id in awaited],
        others=[one for one in lines if one.id not in awaited],
        rules=_rules(call),
        lent=lent,
        places=[(f"{tenant}{_BETWEEN}{stage}", tenant, stage) for tenant, stage in call.offering.lends()],
        typed=call.form,
        today=clock.now().date().isoformat(),
        refused=refused,
    )


def _rules(call: Call) -> tuple[Rule, ...]:
    """Those that are about a place that the caller sees; none where they cannot be read, which approving says."""
    with suppress(GaiaError):
        return call.reading.approval_rules()
    return ()


def _end_of(text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise Invalid("day-invalid", "this is no day", next_step="Choose one, or write it like 2026-12-24.") from None
