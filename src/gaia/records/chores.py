"""What is done again and again: when each was begun last, so that of many workers one does it each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from gaia.errors import Conflict
from gaia.records.tables import chores

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from gaia.records.database import Transaction


def take(tx: Transaction, repository: str, name: str, every: timedelta, *, at: datetime) -> bool:
    """Whether it is due, and the caller's to do now.

    It is due where it was begun longer than `every` ago, or in the future: the clock was wrong then, or is now.
    """
    mine = (chores.c.repository == repository, chores.c.name == name)
    row = tx.first(select(chores.c.begun_at).where(*mine))
    if row is None:
        taken = Conflict("chore-taken", f"{name} is done by another process", next_step="Let it.")
        try:
            tx.put(insert(chores).values(repository=repository, name=name, begun_at=at), taken)
        except Conflict:
            return False
        return True
    begun: datetime = row["begun_at"]
    if at - every < begun <= at:
        return False
    return tx.change(update(chores).where(*mine, chores.c.begun_at == begun).values(begun_at=at)) > 0
