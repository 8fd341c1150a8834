"""The audit log: by whom, what, of which service and when, all of it in the address."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from gaia.console import sorting
from gaia.console.pages.activity import day_of
from gaia.console.rendering import page
from gaia.errors import Invalid
from gaia.kit import clock
from gaia.kit.numbers import whole
from gaia.records.audit_wanted import Wanted

if TYPE_CHECKING:
    from starlette.responses import Response

    from gaia.console.call import Call

_MOST = 200
_HIGHEST = 2**53
"""No log has as many entries."""
COLUMNS = (
    sorting.Column("No.", "number", descending=True),
    *(sorting.Column(title) for title in ("When", "Who", "What", "About", "Facts")),
)
_ASKED = ("subject", "by", "what", "service", "stack", "since", "until")


def audit(call: Call) -> Response:
    """The newest entries that fit, the newest first, or the other way around; a link leads to those behind.

    Raises:
        Refused: `not-permitted`. Invalid: `day-invalid`, `number-invalid`.
    """
    asked = {name: call.asked(name) for name in _ASKED}
    today = clock.now().date()
    until = _begin(asked["until"], today)
    order = sorting.asked(call.asked("sort"), COLUMNS, "-number")
    behind = "before" if order.descending else "after"
    number = _number(call.asked(behind))
    wanted = Wanted(
        actor=asked["by"] or None,
        action=asked["what"] or None,
        service=asked["service"] or None,
        stack=asked["stack"] or None,
        since=_begin(asked["since"], today),
        until=until and until + timedelta(days=1),
        before=number if order.descending else None,
        after=None if order.descending else number or 0,
    )
    found = call.people.entries(subject=asked["subject"] or None, limit=_MOST + 1, wanted=wanted)
    entries = (list(reversed(found)) if order.descending else list(found))[:_MOST]
    filters = {name: value for name, value in asked.items() if value}
    kept = {**filters, "sort": order.text} if order.text else filters
    more = urlencode({**kept, behind: entries[-1].seq}) if len(found) > _MOST else ""
    acts = call.people.acts()
    kinds = sorted({one.partition(".")[0] for one in acts})
    context = {"entries": entries, "asked": asked, "filtered": bool(filters), "acts": acts, "kinds": kinds}
    heads = sorting.headings(COLUMNS, order, lambda way: f"/audit?{urlencode({**filters, 'sort': way})}")
    return page(call, "audit.html", **context, more=more, headings=heads, order=order, today=today.isoformat())


def _begin(text: str, today: date) -> datetime | None:
    if not text:
        return None
    day = day_of(text, today)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _number(text: str) -> int | None:
    if not text:
        return None
    number = whole(text, _HIGHEST)
    if not number:
        raise Invalid("number-invalid", "this is no number of an entry", next_step="Follow the link to older entries.")
    return number
