"""Who may approve in another's name: where, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, or_, select, update

from gaia.errors import Next, NotFound
from gaia.kit.ids import new_id
from gaia.records.delegation_model import Delegation
from gaia.records.model import ANY
from gaia.records.tables import delegations

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.records.database import Transaction


def add(tx: Transaction, owner: str, to: str, *, tenant: str, stage: str, at: datetime, until: datetime) -> Delegation:
    """Write down that `to` may approve in the name of `owner`; both are ids of people."""
    made = Delegation(new_id("dlg"), owner, to, tenant, stage, at, until)
    tx.change(insert(delegations).values({name: getattr(made, name) for name in Delegation.__slots__}))
    return made


def find(tx: Transaction, person: str | None = None, *, live_at: datetime | None = None) -> tuple[Delegation, ...]:
    """Those that a person gave or was given, or all of them, newest first; with `live_at`, those that hold then."""
    wanted = select(delegations).order_by(delegations.c.id.desc())
    if person is not None:
        wanted = wanted.where(or_(delegations.c.owner == person, delegations.c.to == person))
    if live_at is not None:
        began = delegations.c.made_at <= live_at
        wanted = wanted.where(delegations.c.revoked_at.is_(None), delegations.c.until > live_at, began)
    return tuple(Delegation(**row) for row in tx.all(wanted))


def holds(tx: Transaction, owner: str, to: str, tenant: str, stage: str, *, at: datetime) -> bool:
    """Whether `to` may approve in the name of `owner` there and then."""
    return any(covers(one, owner, to, tenant, stage) for one in find(tx, to, live_at=at))


def covers(one: Delegation, owner: str, to: str, tenant: str, stage: str) -> bool:
    """Whether it lets `to` approve in the name of `owner` there, while it holds."""
    there = one.tenant in (ANY, tenant) and one.stage in (ANY, stage)
    return (one.owner, one.to) == (owner, to) and there


def get(tx: Transaction, named: str) -> Delegation:
    """The one with this id, or `NotFound("delegation-unknown")`."""
    row = tx.first(select(delegations).where(delegations.c.id == named))
    if row is None:
        raise unknown(named)
    return Delegation(**row)


def revoke(tx: Transaction, named: str, *, at: datetime) -> None:
    """End it now; one that was ended keeps its time."""
    mine = update(delegations).where(delegations.c.id == named, delegations.c.revoked_at.is_(None))
    tx.change(mine.values(revoked_at=at))


def unknown(named: str) -> NotFound:
    """The one answer for what is not there and what is somebody else's."""
    step = Next("delegation list", words="See which there are")
    return NotFound("delegation-unknown", f"there is no delegation {named!r}", next_step=step)
