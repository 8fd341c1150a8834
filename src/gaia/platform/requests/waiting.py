"""How a request comes to wait for a person: until when, and by which rules of approval."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gaia.records import requests

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.access.approval_rules import Asked
    from gaia.records.database import Transaction
    from gaia.records.model import Request, RequestStatus
    from gaia.records.requests import Changes

DECIDE_WITHIN = timedelta(days=7)
"""How long a request waits for a decision, where nobody says otherwise."""


def until(end: datetime | None, since: datetime, asked: Asked | None) -> datetime | None:
    """Until when somebody may decide: the request's own end, or that of what was previewed then, where a rule has one.

    `asked`: None where nobody can say what the rules ask for.
    """
    ends = [end, since + asked.within if asked is not None and asked.within is not None else None]
    return min((one for one in ends if one is not None), default=None)


def wait(
    tx: Transaction,
    request: Request,
    expected: RequestStatus,
    asked: Asked | None,
    *,
    at: datetime,
    end: datetime | None,
    reason: str = "",
    preview: str | None = None,
) -> Request:
    """Ask a person, until `end` and no longer than the rules of approval let a preview wait; the one way to wait.

    `preview` is what is to be decided on, where that is another one than before.
    """
    known = asked.as_json() if asked is not None else {}
    more: Changes = {"reason": reason, "expires_at": until(end, at, asked), "asked": known}
    if preview is not None:
        more["preview"] = preview
    return requests.move(tx, request.id, [expected], "waiting", at=at, **more)
