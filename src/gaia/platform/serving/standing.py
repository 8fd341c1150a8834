"""The engine of a process that serves: carries out what is queued, or stands by while another process does."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from gaia.platform.serving.chores import Chores
from gaia.platform.serving.serving import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from gaia.kit.interrupt import Interrupt
    from gaia.platform.context import PlatformContext

_LOOK = 1.0
"""Seconds between two attempts to become the engine: where another process is it, or the database is away."""


class StandingEngine:
    """Runs in a thread of its own, from `start` to `end`.

    It opens a context of its own for each attempt: one that lost its database has to begin as another.
    """

    def __init__(
        self,
        platform: Callable[[], AbstractContextManager[PlatformContext]],
        tell: Callable[[str], None],
        *,
        look: float = _LOOK,
    ) -> None:
        self._platform = platform
        self._tell = tell
        self._look = look
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._interrupt: Interrupt | None = None
        self._said = ""
        self._thread = threading.Thread(target=self._run, name="gaia-engine", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ask(self) -> None:
        """Begin nothing more and end well what was begun; asked again, kill it."""
        self._ending.set()
        with self._lock:
            if self._interrupt is not None:
                self._interrupt.ask()

    def wait(self) -> None:
        """Return when somebody has asked it to end, and everything has."""
        self._thread.join()

    def end(self) -> None:
        """Return when everything has ended."""
        if not self._ending.is_set():
            self.ask()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                self._serve()
            except KeyboardInterrupt:
                return
            except Exception as error:  # noqa: BLE001 - a thread that ends silently would carry out nothing any more
                self._say(f"The engine cannot run: {error}")
            self._ending.wait(self._look)

    def _serve(self) -> None:
        with self._platform() as platform:
            with self._lock:
                self._interrupt = platform.interrupt
                if self._ending.is_set():
                    return
            chores = Chores(platform, self._tell)
            try:
                served = serve(platform, partial(self._enough, chores), again=True)
            finally:
                chores.end()
            if served is None:
                self._say("Another process is the engine of this home; this one takes over when it ends.")

    def _enough(self, chores: Chores, broken: Mapping[str, Exception]) -> bool:
        """What broke off is begun again, so it is no reason to end. Only an engine is asked, so it does the chores."""
        chores.start()
        if broken:
            run, error = next(iter(broken.items()))
            self._say(f"Run {run} broke off and is begun again: {error}")
        elif self._said:
            self._tell("This process is the engine now.")
            self._said = ""
        return self._ending.is_set()

    def _say(self, text: str) -> None:
        """Once, until something else is to be said."""
        if text != self._said:
            self._tell(text)
        self._said = text
