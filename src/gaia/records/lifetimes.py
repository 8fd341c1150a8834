"""When services end: one row for each that was given a time to live, as long as it stands.

Every change says what it was decided by (`Lifetime`), and changes nothing where that has moved on: of two who come at
once one changes the row, and the other is told so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, or_, select, update

from gaia.records.lifetime_model import Lifetime
from gaia.records.tables import lifetimes, requests

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement

    from gaia.records.database import Transaction
    from gaia.records.model import Approval, Request


def begin(tx: Transaction, request: Request, approval: Approval, *, at: datetime, until: datetime) -> None:
    """The service of this request came to exist, and lives until then, as the approval says."""
    span = int((until - at).total_seconds())
    row = {"request": request.id, "repository": request.repository, "approval": approval.id, "began_at": at}
    tx.change(insert(lifetimes).values(**row, span=span, until=until, warned=0))


def of_requests(tx: Transaction, named: Collection[str]) -> dict[str, Lifetime]:
    """Request → the life of the service that came from it, for those that were given an end."""
    rows = tx.all(select(lifetimes).where(lifetimes.c.request.in_(sorted(named)))) if named else ()
    return {row["request"]: Lifetime(**row) for row in rows}


def of(tx: Transaction, request: str) -> Lifetime | None:
    """The life of the service that came from this request; None where it was given no end."""
    return of_requests(tx, [request]).get(request)


def of_retirement(tx: Transaction, retirement: str) -> Lifetime | None:
    """The life that this retirement is to end; None where it was kept since, or somebody asked for it."""
    row = tx.first(select(lifetimes).where(lifetimes.c.retirement == retirement))
    return None if row is None else Lifetime(**row)


def ending(tx: Transaction, repository: str, *, before: datetime, now: datetime) -> tuple[Lifetime, ...]:
    """Those that end before a moment, or were warned of later than now; the first one first."""
    soon = or_(lifetimes.c.until < before, lifetimes.c.warned_at > now)
    mine = select(lifetimes).where(lifetimes.c.repository == repository, soon)
    return tuple(Lifetime(**row) for row in tx.all(mine.order_by(lifetimes.c.until, lifetimes.c.request)))


def warn(tx: Transaction, life: Lifetime, *, at: datetime, until: datetime) -> bool:
    """Write down that one more warning was given, and that it ends then; whether nobody else did meanwhile."""
    same = (lifetimes.c.warned == life.warned, *_unmoved(life))
    return tx.change(update(lifetimes).where(*same).values(warned=life.warned + 1, warned_at=at, until=until)) > 0


def unwarn(tx: Transaction, life: Lifetime) -> bool:
    """Forget its warnings, which were given by a clock that was wrong; whether nobody else did meanwhile."""
    same = (lifetimes.c.warned_at == life.warned_at, *_unmoved(life))
    return tx.change(update(lifetimes).where(*same).values(warned=0, warned_at=None)) > 0


def retire(tx: Transaction, life: Lifetime, retirement: str | None) -> bool:
    """Write down which request is to end it, None to ask anew; whether nobody has kept or retired it meanwhile."""
    return tx.change(update(lifetimes).where(*_unmoved(life)).values(retirement=retirement)) > 0


def tell(tx: Transaction, life: Lifetime, *, at: datetime) -> bool:
    """Write down that somebody was told that it does not end; whether nobody else did meanwhile."""
    same = lifetimes.c.told_at.is_(None) if life.told_at is None else lifetimes.c.told_at == life.told_at
    return tx.change(update(lifetimes).where(*_unmoved(life), same).values(told_at=at)) > 0


def over(tx: Transaction, life: Lifetime, *, at: datetime) -> bool:
    """Whether it is over, and stays so: who wants to keep it waits for the end of this transaction, and then may not.

    The row is written, unchanged, for the lock that this takes.
    """
    mine = update(lifetimes).where(*_unmoved(life), lifetimes.c.until <= at)
    return tx.change(mine.values(retirement=life.retirement)) > 0


def keep(tx: Transaction, life: Lifetime, *, until: datetime | None, span: timedelta | None) -> bool:
    """It ends then, None: not by itself; whether it was not moved meanwhile. Warnings are given anew."""
    seconds = life.span if span is None else int(span.total_seconds())
    values = {"until": until, "span": seconds, "warned": 0, "warned_at": None, "retirement": None, "told_at": None}
    return tx.change(update(lifetimes).where(*_unmoved(life)).values(values)) > 0


def move(tx: Transaction, life: Lifetime, request: str) -> None:
    """The service comes from another request now, and lives as long as before."""
    tx.change(update(lifetimes).where(lifetimes.c.request == life.request).values(request=request))


def forget(tx: Transaction, repository: str, stack: str, service: str) -> None:
    """The service is gone."""
    its = (requests.c.repository == repository, requests.c.stack == stack, requests.c.service == service)
    tx.change(delete(lifetimes).where(lifetimes.c.request.in_(select(requests.c.id).where(*its))))


def _unmoved(life: Lifetime) -> tuple[ColumnElement[bool], ...]:
    same_end = lifetimes.c.until.is_(None) if life.until is None else lifetimes.c.until == life.until
    named = life.retirement
    same_way = lifetimes.c.retirement.is_(None) if named is None else lifetimes.c.retirement == named
    return (lifetimes.c.request == life.request, same_end, same_way)
