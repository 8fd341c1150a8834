"""This process as one of several workers on one database: there for as long as the database says so.

Each worker holds a lock that belongs to a session (`records.ports.Presence`): the database frees it when the process or
its host is gone, so nobody has to write down that he lives. Its runs are taken by others then. They wait so long that a
worker which only lost its way to the database has ended what it was doing: it asks each second, begins nothing once it
was not answered for `LOST` seconds, tells terraform to end, and kills it well before `ABSENT` seconds are over.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gaia.errors import Unavailable
from gaia.kit import clock, procfs, telemetry
from gaia.platform.engine.engine import NotTaken, is_running
from gaia.platform.engine.fairness import next_in_line
from gaia.records import workers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from gaia.kit.interrupt import Interrupt
    from gaia.records.database import Database, Transaction
    from gaia.records.model import Run
    from gaia.records.ports import Presence
    from gaia.records.worker_model import Worker

ASKED_EVERY = 0.5
"""Seconds between two questions to the database."""
LOST = 4.0
"""Seconds without an answer after which a worker is lost: it begins nothing more and tells its terraform to end."""
KILLED = 10.0
"""Seconds after which what has not ended is killed."""
ABSENT = 15.0
"""Seconds that a worker must have been missed before others take its runs; more than `KILLED`, with some to spare."""

_BLIND = 5.0
"""Seconds without a look after which nothing counts that was seen before."""


class Share:
    """The runs that this worker has taken, and what it may still do."""

    def __init__(self, database: Database, row: Worker, presence: Presence, now: Callable[[], float]) -> None:
        self._database = database
        self._row = row
        self._presence = presence
        self._now = now
        self._answered = now()
        self._missed: dict[str, float] = {}
        self._looked = now()
        self.lost = False
        """For good: another one has to be made."""

    @property
    def id(self) -> str:
        """The worker's."""
        return self._row.id

    def check(self, run: str) -> None:
        """Raise before anything is done for a run that this worker may not carry out any more.

        Raises:
            NotTaken: it is another worker's. Unavailable: `worker-lost`.
        """
        if self.lost or self._now() - self._answered > LOST:
            raise lost()
        with self._database.read() as tx:
            if not workers.has(tx, run, self.id):
                raise NotTaken

    def take(self, live: Sequence[Run], going: Collection[str], room: int) -> list[Run]:
        """Of these runs, those that are this worker's now: what it has, and as many as it has room for."""
        if self.lost:
            return []
        mine = [run for run in live if run.worker == self.id]
        room -= len({*going} | {run.id for run in mine})
        with self._database.read() as tx:
            gone = self._gone(tx)
        free = [run for run in live if run.worker is None or run.worker in gone]
        waiting = [run for run in free if run.id not in going]
        under_way = [run for run in live if run not in free]
        for run in next_in_line(waiting, under_way, max(room, 0)):
            with self._database.begin() as tx:
                taken = workers.take(tx, run.id, self.id, from_=run.worker)
            if taken:
                mine.append(run)
                if run.worker is not None:
                    telemetry.tell("takeover", run=run.id, worker=run.worker)
        return mine

    def _gone(self, tx: Transaction) -> frozenset[str]:
        """Workers whose runs can be taken: they have been missed for long, or died on this machine."""
        present, now, gone = tx.present(), self._now(), set[str]()
        if now - self._looked > _BLIND:  # it may have been there meanwhile
            self._missed = {}
        self._looked = now
        others = {name: row for name, row in workers.with_runs(tx).items() if name != self.id}
        self._missed = {
            name: self._missed.get(name, now) for name, row in others.items() if row.presence not in present
        }
        for name, since in self._missed.items():
            if now - since >= ABSENT or _died_here(others[name]):
                gone.add(name)
        return frozenset(gone)

    def watch(self, interrupt: Interrupt, ended: threading.Event) -> None:
        """Ask the database again and again; once it is lost, `interrupt` ends what is under way, then kills it.

        A session that broke is begun again where that works in time: a database that is restarted stops nobody.
        """
        asked = 0
        while not ended.wait(ASKED_EVERY):
            if not self.lost and (self._presence.held() or self._taken_again()):
                self._answered = self._now()
                continue
            silent = self._now() - self._answered
            if (silent > LOST and asked == 0) or (silent > KILLED and asked == 1):
                self.lost = True
                asked += 1
                interrupt.ask()

    def _taken_again(self) -> bool:
        return self._now() - self._answered < LOST and self._presence.take_again()


def some_work(tx: Transaction, home: Path) -> bool:
    """Whether some process carries runs out now: of this home, or a worker that shares its records."""
    return is_running(home) or bool(tx.present())


def lost() -> Unavailable:
    """The error of a worker that the database has not answered in time."""
    return Unavailable(
        "worker-lost",
        "the database has not answered this worker in time, so others may go on with its runs",
        next_step="Start it again once the database can be reached.",
    )


@contextmanager
def present(database: Database, interrupt: Interrupt) -> Iterator[Share | None]:
    """Be a worker while the block runs; None where the database is on this machine and a home has one engine.

    Raises:
        Unavailable: `database-down`.
    """
    key = workers.new_presence()
    presence = database.presence(key)
    if presence is None:
        yield None
        return
    ended = threading.Event()
    try:
        process = procfs.Identity.of(os.getpid())
        with database.begin() as tx:
            workers.forget(tx, tx.present())
            row = workers.add(tx, key, socket.gethostname(), process, procfs.namespace(), at=clock.now())
        share = Share(database, row, presence, _elapsed)
        watching = threading.Thread(target=share.watch, args=(interrupt, ended), name="gaia-presence", daemon=True)
        watching.start()
        try:
            yield share
        finally:
            ended.set()
            watching.join()
    finally:
        presence.close()


def _elapsed() -> float:
    """Seconds, also those in which the machine slept."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def _died_here(row: Worker) -> bool:
    here = bool(row.boot) and (row.boot, row.namespace) == (procfs.boot(), procfs.namespace())
    return here and not procfs.Identity(row.pid, row.started, row.boot).alive()
