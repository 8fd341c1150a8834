"""The audit log: by whom, what, of which service and when, all of it in the address."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

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
_ASKED = ("subject", "by", "what", "service", "stack", "since", "until")


def audit(call: Call) -> Response:
    """The newest entries that fit, the newest first; a link leads to older ones.

    Raises:
        Refused: `not-permitted`. Invalid: `day-invalid`, `number-invalid`.
    """
    asked = {name: call.asked(name) for name in _ASKED}
    today = clock.now().date()
    until = _begin(asked["until"], today)
    wanted = Wanted(
        actor=asked["by"] or None,
        action=asked["what"] or None,
        service=asked["service"] or None,
        stack=asked["stack"] or None,
        since=_begin(asked["since"], today),
        until=until and until + timedelta(days=1),
        before=_number(call.asked("before")),
    )
    found = call.people.entries(subject=asked["subject"] or None, limit=_MOST + 1, wanted=wanted)
    entries = list(reversed(found))[:_MOST]
    filters = {name: value for name, value in asked.items() if value}
    older = urlencode({**filters, "before": entries[-1].seq}) if len(found) > _MOST else ""
    acts = call.people.acts()
    kinds = sorted({one.partition(".")[0] for one in acts})
    context = {"entries": entries, "asked": asked, "filtered": bool(filters), "acts": acts, "kinds": kinds}
    return page(call, "audit.html", **context, older=older, today=today.isoformat())


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
