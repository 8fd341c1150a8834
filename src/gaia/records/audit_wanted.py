"""Which entries of the audit log somebody wants to see: by whom, what, of which service, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from sqlalchemy import func, select, union_all

from gaia.records.tables import audit, drift_checks, repositories, requests

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from gaia.records.database import Transaction


@dataclass(frozen=True, slots=True)
class Wanted:
    """What entries have to be; what is None is not asked for."""

    actor: str | None = None
    """A person's name or id, `engine` or `policy`."""
    action: str | None = None
    """The whole of one, or its first word: `request` is all of `request.…`."""
    service: str | None = None
    stack: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Before then."""
    before: int | None = None
    """Only entries with a lower number: where a page goes on."""
    after: int | None = None
    """Only entries with a higher number, and of these the oldest: where a page goes on that begins with them."""


ANYTHING = Wanted()


def conditions(tx: Transaction, wanted: Wanted, actors: Collection[str]) -> list[ColumnElement[bool]]:
    """What rows have to be; `actors` are ids of whom `wanted.actor` means. Each is found by an index."""
    found: list[ColumnElement[bool]] = []
    if wanted.actor is not None:
        found.append(audit.c.actor.in_(sorted(actors)))
    if wanted.action is not None:
        fitting = [one for one in actions(tx) if wanted.action in (one, one.partition(".")[0])]
        found.append(audit.c.action.in_(fitting))
    if wanted.service is not None or wanted.stack is not None:
        found.append(_about(wanted.service, wanted.stack))
    found += between(wanted.since, wanted.until)
    if wanted.before is not None:
        found.append(audit.c.seq < wanted.before)
    if wanted.after is not None:
        found.append(audit.c.seq > wanted.after)
    return found


def between(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    """From one moment until before another, as the log writes moments: text in UTC, whose order is that of time."""
    begin = [] if since is None else [audit.c.at >= since.astimezone(UTC).isoformat()]
    return begin if until is None else [*begin, audit.c.at < until.astimezone(UTC).isoformat()]


def actions(tx: Transaction) -> tuple[str, ...]:
    """Every kind of act that the log tells of: one step of an index for each, however long the log is."""
    first = select(func.min(audit.c.action).label("action")).cte("kinds", recursive=True)
    following = select(func.min(audit.c.action)).where(audit.c.action > first.c.action).scalar_subquery()
    kinds = first.union_all(select(following).where(first.c.action.is_not(None)))
    return tuple(row["action"] for row in tx.all(select(kinds.c.action).where(kinds.c.action.is_not(None))))


def _about(service: str | None, stack: str | None) -> ColumnElement[bool]:
    """Entries about requests of a service or a stack, and about what was looked at of a stack's instances."""
    known = select(repositories.c.id)  # the indexes begin with it
    asked = select(requests.c.id).where(requests.c.repository.in_(known))
    if stack is not None:
        asked = asked.where(requests.c.stack == stack)
    if service is not None:
        return audit.c.subject.in_(asked.where(requests.c.service == service))
    looked = drift_checks.c.stack + "/" + drift_checks.c.component
    seen = select(looked).where(drift_checks.c.repository.in_(known), drift_checks.c.stack == stack)
    return audit.c.subject.in_(union_all(asked, seen))
