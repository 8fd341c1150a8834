"""What an engine that serves does by itself, again and again: of many workers, one does each chore each time.

A chore is short: it looks at the records and writes down what follows. What takes long is a run, which it queues.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from gaia.errors import Defect, GaiaError
from gaia.kit import clock, telemetry
from gaia.platform.acting import ENGINE
from gaia.platform.drift.due import queue_due
from gaia.platform.expiry.expiring import expire
from gaia.platform.requests.changing import go_on
from gaia.platform.serving.retention import clean_daily
from gaia.records import audit_tail, chores

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gaia.platform.context import PlatformContext

_LOOK = 1.0
"""Seconds between two looks for what is due."""


@dataclass(frozen=True, slots=True)
class Chore:
    """One thing to do for each repository. Killed at any point, it is done again when it is due next."""

    name: str
    every: timedelta
    work: Callable[[PlatformContext], None]


def _clean(platform: PlatformContext) -> None:
    clean_daily(platform, actor=ENGINE)


def _notify(platform: PlatformContext) -> None:
    from gaia.notifications.delivering import Delivering
    from gaia.notifications.outlets import Outlets
    from gaia.notifications.sending import sender

    outlets = Outlets(platform.environ)
    Delivering(
        platform.database,
        platform.key,
        platform.repository,
        platform.public_url,
        sender(outlets),
        ends=lambda: platform.interrupt.times > 0,
    ).once()


def _keep_head(platform: PlatformContext) -> None:
    if platform.audit.head is not None:
        with platform.database.read() as tx:
            audit_tail.keep(tx, platform.key, platform.audit.head)


CHORES: tuple[Chore, ...] = (
    Chore("line", timedelta(seconds=10), go_on),
    Chore("clean", timedelta(hours=1), _clean),
    Chore("expire", timedelta(minutes=1), expire),
    Chore("drift", timedelta(seconds=15), queue_due),
    Chore("audit-head", timedelta(minutes=1), _keep_head),
    Chore("notify", timedelta(seconds=2), _notify),
)


def do_due(platform: PlatformContext, every: Sequence[Chore] = CHORES) -> dict[str, GaiaError]:
    """Do what is due in each repository of the home; what failed, by its name, is tried again when it is due next."""
    failed: dict[str, GaiaError] = {}
    for one in platform.served:
        for chore in every:
            if platform.interrupt.times:
                return failed
            with one.database.begin() as tx:
                mine = chores.take(tx, one.repository, chore.name, chore.every, at=clock.now())
            if mine and (error := _do(one, chore)) is not None:
                failed[chore.name] = error
    return failed


def _do(platform: PlatformContext, chore: Chore) -> GaiaError | None:
    """What failed; one that is broken ends neither the others nor the thread."""
    with telemetry.span("chore", chore=chore.name, repository=platform.repository) as told:
        try:
            chore.work(platform)
        except GaiaError as error:
            told.note(outcome="failed", code=error.code)
            return error
        except Exception as error:  # noqa: BLE001 - see above
            told.note(outcome="failed", code="defect")
            return Defect("defect", f"{type(error).__name__}: {error}", next_step="Report it.")
        told.note(outcome="done")
        return None


class Chores:
    """Does what is due in a thread of its own, from `start` to `end`."""

    def __init__(self, platform: PlatformContext, tell: Callable[[str], None], every: Sequence[Chore] = CHORES) -> None:
        self._platform = platform
        self._tell = tell
        self._every = every
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="gaia-chores", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Return when what was begun has ended."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                failed = do_due(self._platform, self._every)
            except GaiaError as error:  # the database is away: the engine says so, and this thread looks again
                failed = {"chores": error}
            for name, why in failed.items():
                self._tell(f"{name}: {why.message}")
            self._ending.wait(_LOOK)
