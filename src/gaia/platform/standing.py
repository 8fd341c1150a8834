"""The engine of a process that serves: carries out what is queued, or stands by while another process does."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gaia.platform.serving import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.platform.context import PlatformContext

_LOOK = 1.0
"""Seconds between two attempts to become the engine while another process is it."""
_RECOVER = 5.0
"""Seconds until a run that broke off, or an engine that could not begin, is tried again."""


class StandingEngine:
    """Runs in a thread of its own, from `start` to `end`."""

    def __init__(
        self,
        platform: PlatformContext,
        tell: Callable[[str], None],
        *,
        look: float = _LOOK,
        recover: float = _RECOVER,
    ) -> None:
        self._platform = platform
        self._tell = tell
        self._look, self._recover = look, recover
        self._ending = threading.Event()
        self._said = ""
        self._thread = threading.Thread(target=self._run, name="gaia-engine", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Begin nothing more, and return when what was begun has ended well or, if asked again, was killed."""
        self._ending.set()
        if not self._platform.interrupt.times:
            self._platform.interrupt.ask()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                broken = serve(self._platform, self._enough)
            except KeyboardInterrupt:
                return
            except Exception as error:  # noqa: BLE001 - a thread that ends silently would carry out nothing any more
                self._say(f"The engine cannot run: {error}")
                self._ending.wait(self._recover)
                continue
            if broken is None:
                self._say("Another process is the engine of this home; this one takes over when it ends.")
                self._ending.wait(self._look)
                continue
            for run, why in broken.items():
                self._say(f"Run {run} broke off and goes on in a moment: {why}")
            self._ending.wait(self._recover if broken else 0)

    def _enough(self, broken: Mapping[str, Exception]) -> bool:
        """A run that broke off goes on with the next engine."""
        if self._said:
            self._say("")
        return bool(broken) or self._ending.is_set()

    def _say(self, text: str) -> None:
        """Once, until something else is to be said."""
        if text != self._said and text:
            self._tell(text)
        elif self._said and not text:
            self._tell("This process is the engine now.")
        self._said = text
