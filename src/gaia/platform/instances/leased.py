"""While terraform changes an instance its lease is watched: where it is lost, terraform is ended well."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict, GaiaError
from gaia.records import leases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.kit.interrupt import Interrupt
    from gaia.operations.model import Outcome
    from gaia.records.database import Database

EVERY = 2.0
"""Seconds between two looks at the lease."""


@dataclass
class Lease:
    """The lease of one instance, as long as it is watched."""

    name: str
    lost: Conflict | None = None
    """Why it is no longer held."""

    def judged(self, outcome: Outcome) -> Outcome:
        """How the operation ended, where the lease was lost before it had: parked as `needs-reconcile`."""
        if self.lost is None or outcome.status != "parked":
            return outcome
        holder = self.lost.facts.get("request") or self.lost.facts.get("run") or "nobody"
        reason = f"the lease of {self.name} was lost while terraform changed it, and is held by {holder} now"
        step = "What terraform had begun has to be reconciled. Let the holder end, then resume."
        return replace(outcome, code="needs-reconcile", reason=f"{reason}; terraform was ended", next_step=step)


@contextmanager
def watched(
    database: Database, repository: str, name: str, run: str, interrupt: Interrupt, *, every: float = EVERY
) -> Iterator[Lease]:
    """While the block runs, the loss of a lease asks for an end, once: terraform saves what it has done.

    A database that cannot be asked says nothing about the lease; it is asked again.
    """
    lease, over = Lease(name), threading.Event()

    def watch() -> None:
        while not over.wait(every):
            try:
                with database.read() as tx:
                    leases.check(tx, repository, [name], run=run)
            except Conflict as error:
                lease.lost = error
                interrupt.ask()
                return
            except GaiaError:
                continue

    watcher = threading.Thread(target=watch, name="gaia-lease", daemon=True)
    watcher.start()
    try:
        yield lease
    finally:
        over.set()
        watcher.join()
