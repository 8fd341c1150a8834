"""The engine: the one process per GAIA_HOME that carries runs out, on DBOS.

DBOS re-queues live runs when a second process launches on the same file, so a lock on `GAIA_HOME/engine.lock` comes
first. Queued runs are rows (`records.runs`), written in the same transaction as the decision that caused them; the
engine starts a DBOS workflow of the same id for each. A row without a workflow is therefore never lost, and a workflow
is never started twice: DBOS knows its id.

A failure is a result (`gaia.platform.engine.steps`). What still comes out of a workflow as an exception is that
nothing could be written down: the database is locked, the disk is full. That ends the workflow as a killed process
would: DBOS remembers nothing of it, and the next engine goes on at that step.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol, cast

from gaia.errors import Unavailable
from gaia.kit import files, telemetry
from gaia.kit.procfs import Identity
from gaia.platform.engine.engine_file import json_serializer, take_out_unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence, Set
    from pathlib import Path

    from dbos import DBOS

SHAPE = "2"
"""Names the shape of the workflows, not the package: a run made by another shape is not recovered by this one."""
FILE = "engine.db"
"""DBOS's own file. (`dbos.db`, of shape 1, held pickles and is not read any more: its runs go on from the records.)"""


_LIVE = ("PENDING", "ENQUEUED")
_PAUSE = 0.05
"""Seconds between two looks of a thread that DBOS waits for at its end, a second by default. It finds nothing to do."""


class StepCaller(Protocol):
    """Runs `work` once and remembers its JSON result; after a crash a remembered step is not run again."""

    def __call__(self, name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the result of the step called `name`."""
        ...


class _IdleThreads:
    """DBOS's threads that look every second for queued work, schedules, delays and time limits.

    Gaia has none of these, and they take a twentieth of a core. Only the queue is needed, and only at the start:
    through it DBOS begins again what a killed engine left.
    """

    def __init__(self, dbos: DBOS, begun: Set[str]) -> None:
        self._dbos = dbos
        self._begun = begun
        left = dbos.list_workflows(status=[*_LIVE], app_version=SHAPE, load_input=False, load_output=False)
        self._left = {each.workflow_id for each in left}
        self.end_when_idle()

    def end_when_idle(self) -> None:
        """End them, unless something has not been begun again yet."""
        if self._left <= self._begun:
            for event in self._dbos.background_thread_stop_events:
                event.set()
            self._dbos._background_jobs_stop_event.set()  # noqa: SLF001 - there is no other way; a test holds it


class _BrokenOff(BaseException):
    """No `Exception`, because DBOS would record one as the end of the step and of the workflow, for good."""


class NotTaken(Exception):
    """What a step raises instead of being done where the run is another worker's."""


class _LeftToAnother(BaseException):
    """Another worker has the run."""


class Engine:
    """Starts runs and waits for those that it started. Made by `launched`, never directly."""

    def __init__(
        self,
        dbos: type[DBOS],
        own: Path,
        workflows: Mapping[str, Callable[[str], None]],
        broken: dict[str, Exception],
        begun: Set[str],
        ended: set[str],
        left: set[str],
        idle_threads: _IdleThreads,
    ) -> None:
        self._dbos = dbos
        self._own = own
        self._workflows = workflows
        self.broken = broken
        """Why this engine could not go on with a run, by its id; the next one can."""
        self._begun = begun
        self._ended = ended
        self._left = left
        self._idle_threads = idle_threads
        self._handles: dict[str, Any] = {}

    @property
    def going(self) -> frozenset[str]:
        """Runs that this engine took, or that DBOS began again by itself, and that have not ended."""
        return frozenset((self._handles.keys() | self._begun) - self._ended)

    def dispatch(self, wanted: Sequence[tuple[str, str]], live: Callable[[str], bool]) -> None:
        """Start those runs, (id, kind), that this engine has not taken yet; `live` says whether one has not ended."""
        self._idle_threads.end_when_idle()
        with _understood(self._own):
            for run, kind in wanted:
                if run not in self._handles or run in self._left:
                    self._take(run, kind, live)

    def take_back(self) -> None:
        """Have runs that broke off begun again by the next `dispatch`: what they broke off for may be over."""
        for run in list(self.broken):
            self._left.add(run)
            del self.broken[run]

    def _take(self, run: str, kind: str, live: Callable[[str], bool]) -> None:
        from dbos import SetWorkflowID

        known = self._dbos.get_workflow_status(run)
        if known is not None and known.status in _LIVE and run not in self._left:  # recovered by launch
            self._handles[run] = self._dbos.retrieve_workflow(run)
            return
        if known is not None:
            if not live(run):  # it ended just now
                return
            self._dbos.delete_workflow(run)  # DBOS's file alone says so: the records were restored from a backup
        self._left.discard(run)
        self._ended.discard(run)
        with SetWorkflowID(run):
            self._handles[run] = self._dbos.start_workflow(self._workflows[kind], run)

    def busy(self) -> bool:
        """Whether a run that this engine took still goes on.

        One whose function has returned does not, whatever DBOS says: where it cannot write that down, it says so for
        ever. The records have the end of the run, or it broke off.
        """
        with _understood(self._own):
            going = [handle for run, handle in self._handles.items() if run not in self._ended]
            return any(handle.get_status().status in _LIVE for handle in going)


@contextmanager
def alone(home: Path) -> Iterator[bool]:
    """Whether the engine of this home is this process while the block runs, and no other."""
    lock = home / "engine.lock"
    with files.exclusive(lock) as mine, _named(lock, mine=mine):
        yield mine


@contextmanager
def launched(
    home: Path,
    workflows: Mapping[str, Callable[[str, StepCaller], None]],
    unreadable: Callable[[str], None] = lambda _: None,
) -> Iterator[Engine]:
    """DBOS, for who is `alone`.

    `workflows` maps a kind of run to the function that carries out a run of that id. `unreadable` is called, before
    anything runs, with the id of each run whose steps cannot be read back: DBOS knows nothing of it any more.
    """
    from dbos import DBOS

    logging.getLogger("dbos").setLevel(logging.CRITICAL)
    own = home / FILE
    with _understood(own):
        for run in take_out_unreadable(own):
            unreadable(run)
    own.touch(mode=0o600)  # DBOS would make it for everybody to read
    instance = DBOS(
        config={
            "name": "gaia",
            "serializer": json_serializer(),
            "system_database_url": f"sqlite:///{own}",
            "application_version": SHAPE,
            "executor_id": "engine",
            "log_level": "CRITICAL",  # its errors come out of the calls too
            "notification_listener_polling_interval_sec": _PAUSE,
        }
    )
    try:
        begun, ended, left, broken = set[str](), set[str](), set[str](), dict[str, Exception]()
        registered = {
            kind: _register(DBOS, own, kind, function, begun, ended, left, broken)
            for kind, function in workflows.items()
        }
        with _understood(own):
            DBOS.launch()
            idle_threads = _IdleThreads(instance, begun)
        yield Engine(DBOS, own, registered, broken, begun, ended, left, idle_threads)
    finally:
        DBOS.destroy(destroy_registry=True)


def is_running(home: Path) -> bool:
    """Whether some process is the engine of this GAIA_HOME now.

    Only reads: taking the lock to find out would make an engine that starts just then believe in another one.
    """
    lock = home / "engine.lock"
    try:
        holder = Identity(**json.loads(lock.read_text()))
    except (OSError, ValueError, TypeError):
        return False
    if holder.boot:
        return holder.alive()
    with files.exclusive(lock) as free:  # no /proc here, so nothing is known about a process
        return not free


@contextmanager
def _understood(own: Path) -> Iterator[None]:
    """Say in Gaia's words that DBOS cannot read or write its file."""
    from sqlalchemy.exc import DatabaseError

    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise Unavailable(
            "engine-file-unusable",
            f"{own}: {getattr(error, 'orig', error)}",
            next_step="Check its owner, its rights and the room on the disk. A damaged one can be moved away: another "
            "is made, and runs go on from the records.",
        ) from error


@contextmanager
def _named(lock: Path, *, mine: bool) -> Iterator[None]:
    """Say in the lock's file who holds it, for as long as that is so."""
    if not mine:
        yield
        return
    try:
        lock.write_text(json.dumps(asdict(Identity.of(os.getpid()))))
    except OSError as error:
        raise files.write_failed(lock, error) from error
    try:
        yield
    finally:
        with suppress(OSError):  # a name that stays is that of a process that has ended
            lock.write_text("")


def _register(
    dbos: type[DBOS],
    own: Path,
    kind: str,
    function: Callable[[str, StepCaller], None],
    begun: set[str],
    ended: set[str],
    left: set[str],
    broken: dict[str, Exception],
) -> Callable[[str], None]:
    def call(name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        def step() -> dict[str, Any]:
            try:
                return work()
            except NotTaken as error:
                raise _LeftToAnother from error
            except Exception as error:
                raise _BrokenOff from error

        result: dict[str, Any] = dbos.run_step({"name": name}, step)
        return result

    def workflow(run: str) -> None:
        begun.add(run)
        try:
            with _understood(own):
                function(run, call)
        except _LeftToAnother:
            left.add(run)  # DBOS may forget it: whoever has it goes on from the records
        except _BrokenOff as end:
            broken[run] = cast("Exception", end.__cause__)
            telemetry.tell("broken-off", run=run, error=type(end.__cause__).__name__)
            raise
        except Exception as error:  # DBOS could not write down what a step returned
            broken[run] = error
            telemetry.tell("broken-off", run=run, error=type(error).__name__)
            raise _BrokenOff from error
        finally:
            ended.add(run)

    # Without a limit: DBOS would give up a run for good whose engine was killed a hundred times.
    registered: Callable[[str], None] = dbos.workflow(name=kind, max_recovery_attempts=None)(workflow)
    return registered
