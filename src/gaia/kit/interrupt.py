"""A request to end that reaches all who wait at once. Asked for once: end well; twice: end now."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from itertools import count
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
"""Ctrl-C, and what a service manager or a terminal that is closed sends. Not every system has each."""
_ASKING = 2
"""So many signals ask for an end; one more says that something hangs, and raises KeyboardInterrupt."""


class Interrupt:
    """Asked for once, work in hand is to be ended well; asked for again, at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times = 0
        self._watchers: list[Callable[[int], None]] = []
        self._inner: dict[str, Interrupt] = {}

    @property
    def times(self) -> int:
        """How often it has been asked for."""
        return self._times

    def ask(self) -> None:
        """Ask for an end, or for a faster one."""
        with self._lock:
            self._times += 1
            times, watchers = self._times, tuple(self._watchers)
        for watcher in watchers:
            watcher(times)

    @contextmanager
    def watched(self, watcher: Callable[[int], None]) -> Iterator[None]:
        """While the block runs, `watcher` is called with `times` each time it is asked for, and now if it has been.

        The one who asks calls it, so it must not wait for anything.
        """
        with self._lock:
            self._watchers.append(watcher)
            times = self._times
        try:
            if times:
                watcher(times)
            yield
        finally:
            with self._lock:
                self._watchers.remove(watcher)

    def ask_inner(self, name: str, times: int) -> None:
        """Ask the part of this name so often, in all; one that is not there has ended."""
        with self._lock:
            inner = self._inner.get(name)
        while inner is not None and inner.times < times:
            inner.ask()

    @contextmanager
    def inner(self, name: str = "") -> Iterator[Interrupt]:
        """One for a part of the work: what is asked of this one is asked of it, not the other way round."""
        made = Interrupt()

        def pass_on(times: int) -> None:
            while made.times < times:
                made.ask()

        with self._lock:
            if name:
                self._inner[name] = made
        try:
            with self.watched(pass_on):
                yield made
        finally:
            with self._lock:
                self._inner.pop(name, None)

    @contextmanager
    def by_signals(self) -> Iterator[None]:
        """While the block runs, Ctrl-C, SIGTERM and SIGHUP ask for an end; the third one raises KeyboardInterrupt.

        Raised in the middle of anything, as Python does with Ctrl-C, an exception loses a connection that the engine's
        threads then wait for, or is lost itself in a finalizer. The block looks at `times` where it can end. A signal
        that is ignored (nohup) stays so. Elsewhere than in the main thread this does nothing.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        asked, signals = SimpleQueue[bool](), count(1)

        def watch() -> None:
            while asked.get():
                self.ask()

        def on_signal(_number: int, _frame: FrameType | None) -> None:
            if next(signals) > _ASKING:
                raise KeyboardInterrupt
            asked.put(True)  # of all ways to another thread the one that may be used in a handler of signals

        before = {
            number: handler
            for name in _SIGNALS
            if (number := getattr(signal, name, None)) and (handler := signal.getsignal(number)) is not signal.SIG_IGN
        }
        watching = threading.Thread(target=watch, name="gaia-interrupt", daemon=True)
        watching.start()
        try:
            for number in before:
                signal.signal(number, on_signal)
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            asked.put(False)
            watching.join()
