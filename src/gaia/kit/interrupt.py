"""A wish to end that reaches whoever waits at once, and can be uttered twice: end well, then end now."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_LIKE_CTRL_C = ("SIGTERM", "SIGHUP")


class Interrupt:
    """Asked for once, work in hand is to be ended well; asked for again, at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times = 0
        self._watchers: list[Callable[[int], None]] = []

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

        It is called by whoever asks, so it must not wait for anything.
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


@contextmanager
def ended_like_ctrl_c() -> Iterator[None]:
    """While the block runs, SIGTERM and SIGHUP raise KeyboardInterrupt in the main thread, as SIGINT does.

    A service manager, or a terminal that is closed, then ends the work as well as a person would. A signal that is
    ignored (nohup) stays so. Elsewhere than in the main thread this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: handler
        for name in _LIKE_CTRL_C
        if (handler := signal.getsignal(number := getattr(signal, name))) is not signal.SIG_IGN
    }
    for number in before:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt
