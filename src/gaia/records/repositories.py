"""Platform repositories that this Gaia serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from gaia.errors import Next, NotFound
from gaia.records.model import Repository
from gaia.records.tables import repositories

if TYPE_CHECKING:
    from gaia.records.database import Transaction


def register(tx: Transaction, repository: Repository) -> None:
    """Write a repository down, or its new source and branch."""
    values = {"source": repository.source, "branch": repository.branch}
    if not tx.change(update(repositories).where(repositories.c.id == repository.id).values(values)):
        tx.change(insert(repositories).values(id=repository.id, **values))


def every(tx: Transaction) -> tuple[Repository, ...]:
    """All that were ever registered, by id."""
    return tuple(Repository(**row) for row in tx.all(select(repositories).order_by(repositories.c.id)))


def take_turns(tx: Transaction, repository: str) -> None:
    """Wait for others who do the same on this repository; until the transaction ends they wait.

    Databases that have one writer at a time have their turns already.
    """
    tx.first(select(repositories.c.id).where(repositories.c.id == repository).with_for_update(key_share=True))


def get(tx: Transaction, repository: str) -> Repository:
    """The repository with this id, or `NotFound("repository-unknown")`."""
    row = tx.first(select(repositories).where(repositories.c.id == repository))
    if row is None:
        step = Next("init", "DIR", "Make one first")
        raise NotFound("repository-unknown", f"there is no repository {repository!r}", next_step=step)
    return Repository(**row)
