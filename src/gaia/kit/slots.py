"""How many may do something heavy at once on this machine: file locks that a process gives back when it dies."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import IO, TYPE_CHECKING

from gaia.kit.files import write_failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_PAUSE = 0.2
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Slots:
    """`count` places; who came first gets the next one that is free.

    All processes of this user on this machine that name the same folder share them. Each draws a ticket, a
    file that it keeps locked: the oldest one that is still locked is next, so who waited and died holds up nobody.
    """

    folder: Path
    count: int
    pause: Callable[[], None] = field(default=partial(time.sleep, _PAUSE), repr=False, compare=False)

    @contextmanager
    def take(self, waits: Callable[[], None], stop: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Hold one place while the block runs.

        Args:
            waits: called once when there is none free.
            stop: called while waiting; what it raises ends the wait.

        Raises:
            Unavailable: `file-not-writable`.
        """
        with ExitStack() as held:
            with ExitStack() as waiting:
                ticket = self._ticket(waiting)
                told = False
                while not (self._is_next(ticket) and any(_lock(held, self.folder / str(n)) for n in range(self.count))):
                    if not told:
                        waits()
                        told = True
                    stop()
                    self.pause()
            yield

    def _ticket(self, waiting: ExitStack) -> Path:
        ticket = self.folder / f"ticket-{time.time_ns():020}-{os.getpid()}-{threading.get_ident()}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _lock(waiting, ticket)
        except OSError as error:
            raise write_failed(ticket, error) from error
        waiting.callback(ticket.unlink, missing_ok=True)
        return ticket

    def _is_next(self, ticket: Path) -> bool:
        for other in sorted(self.folder.glob("ticket-*")):
            if other == ticket:
                return True
            with ExitStack() as looking:
                if not _lock(looking, other):
                    return False
                other.unlink(missing_ok=True)  # its process has died
        return True


def _lock(held: ExitStack, path: Path) -> bool:
    """Lock a file until `held` is closed; False while somebody else has it."""
    with ExitStack() as opened:
        file: IO[bytes] = opened.enter_context(path.open("a+b"))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        held.push(opened.pop_all())
        return True


def of_this_machine(each: int = _GIB, spare: int = 2 * _GIB) -> int:
    """How many processes of `each` bytes fit beside `spare`, no more than there are cores, and never less than one."""
    cores = os.cpu_count() or 1
    memory = 0
    with suppress(ValueError, OSError, AttributeError):
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(cores, (memory - spare) // each if memory else cores))
