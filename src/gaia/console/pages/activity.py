"""What happened on a day, and why a thing is there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from gaia.console.pages.home import event_rows
from gaia.console.rendering import page, to
from gaia.errors import Invalid
from gaia.kit import clock

if TYPE_CHECKING:
    from starlette.responses import Response

    from gaia.console.call import Call

_MOST = 200
_A_DAY = timedelta(days=1)
_EARLIEST = date(2000, 1, 1)


def day(call: Call) -> Response:
    """Everything that the caller may see of one day, the newest first; today's where none is asked for."""
    today = clock.now().date()
    wanted = day_of(call.asked("day"), today)
    begin = datetime(wanted.year, wanted.month, wanted.day, tzinfo=UTC)
    found = call.happening.between(begin, begin + _A_DAY, limit=_MOST)
    return page(
        call,
        "activity.html",
        events=event_rows(found),
        day=wanted.isoformat(),
        said={today: "Today", today - _A_DAY: "Yesterday"}.get(wanted, f"{wanted:%A, %d %B %Y}"),
        today=today.isoformat(),
        before=(wanted - _A_DAY).isoformat(),
        behind=(wanted + _A_DAY).isoformat() if wanted < today else "",
        most=_MOST if len(found) == _MOST else 0,
    )


def why(call: Call) -> Response:
    """The chain from a resource, an instance or a commit to who asked for it and who approved.

    Raises:
        NotFound: `subject-unknown`.
    """
    subject, stack = call.asked("of"), call.asked("stack")
    if not subject:
        return to("/search")
    found = call.platform.why(subject, stack=stack or None)
    ask = urlencode({"of": subject})
    request = f"/requests/{quote(found.request, safe='')}" if found.request else ""
    return page(call, "why.html", why=found, subject=subject, stack=stack, ask=ask, request=request)


def day_of(text: str, today: date) -> date:
    """A day that has been; today where none is written.

    Raises:
        Invalid: `day-invalid`.
    """
    if not text:
        return today
    try:
        wanted = date.fromisoformat(text)
    except ValueError:
        wanted = None
    if wanted is None or not _EARLIEST <= wanted <= today:
        raise Invalid(
            "day-invalid", "this is no day that has been", next_step="Choose one, or write it like 2026-12-24."
        )
    return wanted
