"""Workers that share a database, and the runs that each of them has taken."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from gaia.kit.ids import new_id
from gaia.records.model import LIVE
from gaia.records.tables import runs, workers
from gaia.records.worker_model import Worker

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from gaia.kit.procfs import Identity
    from gaia.records.database import Transaction

_KEYS = 2**31 - 1


def new_presence() -> int:
    """A key for a worker's presence that nobody else has."""
    return 1 + secrets.randbelow(_KEYS)


def add(tx: Transaction, presence: int, host: str, process: Identity, namespace: str, *, at: datetime) -> Worker:
    """Write a worker down."""
    row = Worker(new_id("wrk"), presence, host, process.boot, namespace, process.pid, process.started, at)
    tx.change(insert(workers).values({name: getattr(row, name) for name in Worker.__slots__}))
    return row


def with_runs(tx: Transaction) -> Mapping[str, Worker]:
    """By id, the workers that have a run which has not ended."""
    busy = select(runs.c.worker).where(runs.c.status.in_(LIVE), runs.c.worker.is_not(None))
    return {row["id"]: Worker(**row) for row in tx.all(select(workers).where(workers.c.id.in_(busy)))}


def take(tx: Transaction, run: str, worker: str, *, from_: str | None) -> bool:
    """Have a live run that nobody has, or that the worker `from_` has; False when somebody else was faster."""
    free = runs.c.worker.is_(None) if from_ is None else runs.c.worker == from_
    mine = (runs.c.id == run, runs.c.status.in_(LIVE), free)
    return tx.change(update(runs).where(*mine).values(worker=worker)) > 0


def has(tx: Transaction, run: str, worker: str) -> bool:
    """Whether the run is this worker's now."""
    return tx.first(select(runs.c.id).where(runs.c.id == run, runs.c.worker == worker)) is not None


def forget(tx: Transaction, present: Collection[int]) -> int:
    """Take away the rows of workers that are gone and that no run names."""
    named = select(runs.c.worker).where(runs.c.worker.is_not(None))
    return tx.change(delete(workers).where(workers.c.presence.not_in(sorted(present)), workers.c.id.not_in(named)))
