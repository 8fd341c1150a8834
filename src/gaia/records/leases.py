"""Leases: who may change an instance, from approval to publish.

A run holds a lease, mostly for a request: then a later run of the request takes it over. An operation without a
request holds by its run alone; a later operation of the same subject takes over only what is held by a run that has
ended. A run that only looks at an instance (`drift`) is in nobody's way: whoever changes it takes its lease over, and
what was seen counts for nothing then. Before it changes something outside the database a run asks whether it still
holds its leases (`check`), so one that was thought dead and goes on finds out. Each time a lease changes hands its
token grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, insert, select, update

from gaia.errors import Conflict
from gaia.records.model import LIVE, Lease
from gaia.records.tables import leases, runs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from gaia.records.database import Transaction


def acquire(
    tx: Transaction, repository: str, name: str, *, run: str, at: datetime, request: str | None = None
) -> Lease:
    """Take a free lease, keep this run's own, or take over that of an earlier run, with a higher token: a run of the
    same request or, without one, a run of the same subject that is no longer live; or that of a run which only looks,
    if this one does not.

    Raises:
        Conflict: `instance-leased`; `facts` names the holder.
    """
    mine = _mine(repository, name)
    lease = Lease(repository, name, request, run, 1, at)
    first = {"repository": repository, "name": name, "request": request, "run": run, "token": 1, "acquired_at": at}
    # the row is locked, or made, before it is looked at: two who come at once meet at the update or at the key
    released = leases.c.released_at.is_not(None)
    theirs = _ended_before(run) if request is None else (leases.c.request == request) & (leases.c.run != run)
    taken_over = update(leases).where(*mine, released | theirs | _only_looked_at(run))
    values = {"request": request, "run": run, "acquired_at": at, "released_at": None}
    if tx.change(taken_over.values(**values, token=leases.c.token + 1)):
        return _get(tx, repository, name)
    held = holder(tx, repository, name)
    if held is None:
        tx.put(insert(leases).values(first), _leased(name, None))
        return lease
    if (held.request, held.run) != (request, run):
        raise _leased(name, held)
    return held


def acquire_all(
    tx: Transaction, repository: str, names: Iterable[str], *, run: str, at: datetime, request: str | None = None
) -> tuple[Lease, ...]:
    """Take all of these or, with the transaction undone, none; always in one order, so nobody waits in a circle."""
    return tuple(acquire(tx, repository, name, request=request, run=run, at=at) for name in sorted(set(names)))


def holder(tx: Transaction, repository: str, name: str) -> Lease | None:
    """The lease as it is held now; None when it is free."""
    row = tx.first(select(leases).where(*_mine(repository, name), leases.c.released_at.is_(None)))
    return Lease(**row) if row else None


def held(tx: Transaction, repository: str) -> frozenset[str]:
    """Names of everything that somebody holds now."""
    mine = select(leases.c.name).where(leases.c.repository == repository, leases.c.released_at.is_(None))
    return frozenset(row["name"] for row in tx.all(mine))


def of_request(tx: Transaction, request: str) -> tuple[Lease, ...]:
    """Leases that a request holds now, by name."""
    mine = select(leases).where(leases.c.request == request, leases.c.released_at.is_(None))
    return tuple(Lease(**row) for row in tx.all(mine.order_by(leases.c.name)))


def of_run(tx: Transaction, run: str) -> tuple[Lease, ...]:
    """Leases that a run holds now, by name."""
    mine = select(leases).where(leases.c.run == run, leases.c.released_at.is_(None))
    return tuple(Lease(**row) for row in tx.all(mine.order_by(leases.c.name)))


def check(tx: Transaction, repository: str, names: Iterable[str], *, run: str) -> None:
    """Pass while the run holds all of these.

    Raises:
        Conflict: `lease-lost` for the first, by name, that was released or that another run holds.
    """
    mine = {one.name for one in of_run(tx, run) if one.repository == repository}
    for name in sorted(set(names) - mine):
        now = holder(tx, repository, name)
        raise Conflict(
            "lease-lost",
            f"run {run} no longer holds the lease of {name}",
            next_step="Let the run that holds it end, then resume.",
            facts={"name": name, "request": now.request if now else None, "run": now.run if now else None},
        )


def release_all(tx: Transaction, request: str, *, at: datetime) -> int:
    """Give everything back that a request holds; how many."""
    mine = update(leases).where(leases.c.request == request, leases.c.released_at.is_(None))
    return tx.change(mine.values(released_at=at))


def release_run(tx: Transaction, run: str, *, at: datetime) -> int:
    """Give everything back that a run holds; how many."""
    mine = update(leases).where(leases.c.run == run, leases.c.released_at.is_(None))
    return tx.change(mine.values(released_at=at))


def _ended_before(run: str) -> ColumnElement[bool]:
    """The lease is that of a run without a request, of the same subject and kind as this one, that is not live."""
    now, before = runs.alias("now"), runs.alias("before")
    same = (now.c.repository == before.c.repository, now.c.subject == before.c.subject, now.c.kind == before.c.kind)
    ended = (now.c.id == run, before.c.id != run, before.c.status.not_in(LIVE))
    return leases.c.request.is_(None) & leases.c.run.in_(select(before.c.id).where(*same, *ended))


def _only_looked_at(run: str) -> ColumnElement[bool]:
    """The lease is that of a run of the kind `drift`, and this one is of another kind."""
    looks = select(runs.c.id).where(runs.c.kind == "drift")
    return leases.c.run.in_(looks) & ~exists(looks.where(runs.c.id == run))


def _mine(repository: str, name: str) -> tuple[ColumnElement[bool], ...]:
    return (leases.c.repository == repository, leases.c.name == name)


def _get(tx: Transaction, repository: str, name: str) -> Lease:
    return Lease(**tx.connection.execute(select(leases).where(*_mine(repository, name))).mappings().one())


def _leased(name: str, held: Lease | None) -> Conflict:
    who = "somebody else"
    if held is not None:
        who = f"request {held.request}, run {held.run}" if held.request else f"run {held.run}"
    return Conflict(
        "instance-leased",
        f"{name} is being changed by {who}",
        next_step="Wait until that has ended, then try again.",
        facts={"name": name, "request": held.request if held else None, "run": held.run if held else None},
    )
