"""Who is told how far a batch is: a picture on a terminal, lines elsewhere, an event a line for programs."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gaia.checkout.batch_model import Listener
from gaia.cli.machine_output import write_entry
from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gaia.checkout.batch import Batch
    from gaia.checkout.batch_model import Ended, Planned
    from gaia.cli.screens.batch_progress import BatchProgress
    from gaia.cli.session import Session
    from gaia.stacks.model import Instance, InstanceKey

_A_SECOND = 4
"""Drawings."""


class Events(Listener):
    """A document an event, on the output stream."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()

    def write(self, event: str, **facts: object) -> None:
        """One event, with the time; where somebody wants it quiet only the last one."""
        if self._session.quiet and event != "summary":
            return
        with self._lock:
            write_entry(
                {"event": event, "at": clock.rfc3339(clock.now()), **facts}, self._session.format, self._session.stdout
            )

    def planning(self, instances: Sequence[Instance]) -> None:
        """These are about to be planned."""
        self.write("planning", instances=[str(one.key) for one in instances])

    def planned(self, planned: Planned) -> None:
        """One is."""
        self.write("planned", **planned.as_json())

    def begins(self, key: InstanceKey) -> None:
        """One is about to be applied or destroyed."""
        self.write("begins", instance=str(key))

    def log(self, key: InstanceKey, level: str, message: str, event: Mapping[str, object] | None) -> None:
        """What happens to one."""
        self.write("log", instance=str(key), level=level, message=message, terraform=event)

    def ended(self, ended: Ended) -> None:
        """One did."""
        self.write("ended", **ended.as_json())


class Lines(Listener):
    """A line for what people who read a file later want to know."""

    def __init__(self, session: Session, *, destroy: bool) -> None:
        self._session = session
        self._doing, self._done = ("destroying", "destroyed") if destroy else ("applying", "applied")
        self._lock = threading.Lock()

    def _tell(self, text: str, style: str = "quiet") -> None:
        with self._lock:
            self._session.note(text, style)

    def planning(self, instances: Sequence[Instance]) -> None:
        """How many."""
        self._tell(f"Planning {len(instances)} {'instance' if len(instances) == 1 else 'instances'} …")

    def begins(self, key: InstanceKey) -> None:
        """One is about to be applied or destroyed."""
        self._tell(f"{key}: {self._doing} …")

    def log(self, key: InstanceKey, level: str, message: str, event: Mapping[str, object] | None) -> None:
        """What terraform did, and what it warns of."""
        said = event or {}
        if level != "info" or (said.get("kind") in ("complete", "failed") and said.get("action") != "read"):
            self._tell(f"{key}: {message}", {"warn": "warn", "error": "bad"}.get(level, "quiet"))

    def ended(self, ended: Ended) -> None:
        """One did."""
        word = self._done if ended.status == "applied" else ended.status
        self._tell(f"{ended.key}: {word}" + ("" if ended.fine or not ended.reason else f", {ended.reason}"))


class Drawn(Listener):
    """A picture, at most four times a second."""

    def __init__(self, session: Session, *, destroy: bool) -> None:
        self.session = session
        self._destroy = destroy
        self.lock = threading.Lock()
        self.progress: BatchProgress | None = None
        self._said = "reading states"
        self._planned = 0
        self._began = clock.now()

    def planning(self, instances: Sequence[Instance]) -> None:
        """These are about to be planned."""
        self._planned, self._began = len(instances), clock.now()

    def say(self, text: str) -> None:
        """What is done now."""
        self._said = text

    @property
    def line(self) -> str:
        """While they are planned."""
        from gaia.cli.screens.format import count, span

        of = f"{count(self._planned, 'instance')}: " if self._planned else ""  # nobody has counted them yet
        return f"{of}{self._said} …  {span(clock.now() - self._began)}"

    def start(self, batch: Batch, planned: Sequence[Planned]) -> BatchProgress:
        """They are about to be applied."""
        from gaia.cli.screens.batch_progress import BatchProgress, Row
        from gaia.cli.screens.format import count

        rows = {
            str(one.instance.key): Row(
                str(one.instance.key),
                [str(key) for key in sorted(batch.needs[one.instance.key])],
                len(one.seen.view.changes) if one.seen else 0,
                frozenset(each.address for each in one.seen.view.changes if each.action == "replace")
                if one.seen
                else frozenset(),
            )
            for one in planned
        }
        title = f"{'Destroying' if self._destroy else 'Applying'} {count(len(rows), 'instance')}"
        self.progress = BatchProgress(title, clock.now(), rows, "destroyed" if self._destroy else "applied")
        return self.progress

    def begins(self, key: InstanceKey) -> None:
        """One is about to be applied or destroyed."""
        with self.lock:
            if self.progress:
                self.progress.begin(str(key), clock.now())

    def log(self, key: InstanceKey, level: str, message: str, event: Mapping[str, object] | None) -> None:
        """What happens to one."""
        del level
        with self.lock:
            if self.progress:
                self.progress.feed(str(key), message, event)

    def ended(self, ended: Ended) -> None:
        """One did."""
        with self.lock:
            if self.progress:
                self.progress.end(str(ended.key), ended.status, "" if ended.fine else ended.reason, clock.now())


def listener_for(session: Session, *, destroy: bool) -> Listener:
    """By what reads it."""
    if session.format != "text":
        return Events(session)
    if session.quiet:
        return Listener()
    return Drawn(session, destroy=destroy) if session.stderr.isatty() else Lines(session, destroy=destroy)


def looking(session: Session) -> Listener:
    """For what only plans, and whose result is one document."""
    if session.quiet:
        return Listener()
    if session.format == "text" and session.stderr.isatty():
        return Drawn(session, destroy=False)
    return Lines(session, destroy=False)


@contextmanager
def planning(listener: Listener) -> Iterator[None]:
    """While a batch is planned."""
    if not isinstance(listener, Drawn):
        yield
        return
    from rich.live import Live
    from rich.text import Text

    drawn = listener

    class Picture:
        def __rich__(self) -> object:
            return Text(drawn.line, "quiet")

    with Live(Picture(), console=listener.session.err, refresh_per_second=_A_SECOND, transient=True):  # type: ignore[arg-type]
        yield


@contextmanager
def applying(listener: Listener, batch: Batch, planned: Sequence[Planned]) -> Iterator[None]:
    """While it is applied or destroyed."""
    if not isinstance(listener, Drawn):
        yield
        return
    from rich.live import Live

    from gaia.cli.screens.batch_progress import Picture

    interrupt = batch.checkout.interrupt
    picture = Picture(listener.start(batch, planned), clock.now, listener.lock, lambda: interrupt.times > 0)
    with Live(picture, console=listener.session.err, refresh_per_second=_A_SECOND, transient=True):
        yield
