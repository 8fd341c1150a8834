"""Queue an application, in the transaction that approves of it: its instances are its own before it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.kit import clock
from gaia.platform.engine.steps import apply_steps
from gaia.records import leases, runs

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.records.database import Transaction
    from gaia.records.model import Request


def queue_apply(tx: Transaction, request: Request, *, at: datetime) -> None:
    """Write the run down with its steps, and lease the instances to it, or `Conflict("instance-leased")`."""
    run = runs.add(tx, request, "apply", apply_steps(request), at=at)
    lease(tx, request, run.id)


def lease(tx: Transaction, request: Request, run: str) -> None:
    """Lease every instance of the request to one of its runs, or `Conflict("instance-leased")`."""
    leases.acquire_all(tx, request.repository, request.instances, request=request.id, run=run, at=clock.now())
