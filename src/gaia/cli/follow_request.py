"""Follows a request to its end: progress while it is worked on, its picture at the end, and the exit code."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gaia.kit import clock
from gaia.kit.visible import visible
from gaia.platform.model import WORKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gaia.cli.screens.progress import Progress
    from gaia.cli.session import Session
    from gaia.platform.model import RequestView
    from gaia.platform.ports import PlatformDoor

EXIT_CODES = {"denied": 5, "rejected": 5, "expired": 6, "parked": 6, "failed": 7}
"""Of a command that saw a request through to this state: those of `Refused`, `Conflict` and `ToolFailed`."""
_LAST_LINES = 1.0
"""Seconds that the reader of the log gets to tell the end of it."""


def see_through(session: Session, platform: PlatformDoor, view: RequestView, *, detach: bool = False) -> RequestView:
    """Work the request off, or watch the engine do it, until it waits or has ended."""
    session.going_on = going_on(view)
    if detach or view.status not in WORKING:
        return view
    if view.status == "applying" and view.preview and view.preview.targets:
        from gaia.cli.screens.target import all_of

        session.note(f"As {platform.who}, what was approved for {all_of(view.preview.targets)}.", "quiet")
    with _told(session, platform, view) as on_change:
        ended = platform.work(view.id, on_change)
    session.going_on = ""
    return ended


def finish(session: Session, view: RequestView, *, full: bool = False) -> int:
    """Show the request and say by the exit code how it went."""
    show(session, view, full=full)
    if view.status == "waiting" and view.runs and view.runs[-1].status == "failed":
        return EXIT_CODES["parked"]  # the approval no longer held: somebody has to decide again
    return EXIT_CODES.get(view.status, 0)


def show(session: Session, view: RequestView, *, full: bool = False) -> None:
    """One request, for people or machines."""
    if session.format != "text":
        session.show(view.as_json())
        return
    from gaia.cli.screens.requests import request_screen

    session.show(None, *request_screen(view, clock.now(), full=full))


def going_on(view: RequestView) -> str:
    """What to type after an interruption."""
    from gaia.cli.screens.format import short_id

    name = short_id(view.id)
    if view.status in WORKING:
        return f"`gaia resume {name}` goes on; `gaia status {name}` shows where it stands."
    return f"`gaia status {name}` shows where it stands."


@contextmanager
def _told(session: Session, platform: PlatformDoor, view: RequestView) -> Iterator[Callable[[RequestView], None]]:
    from gaia.cli.screens.progress import Progress

    progress = Progress(view, clock.now())
    over = threading.Event()
    tell = _teller(session)
    with _live(session, progress):

        def on_change(newer: RequestView) -> None:
            for line in progress.see(newer):
                tell(line)

        def read() -> None:
            try:
                for entry in platform.log(view.id, follow=True):
                    if over.is_set():
                        return
                    for line in progress.feed(entry):
                        tell(line)
            except Exception as error:  # noqa: BLE001 - progress is a courtesy; the work itself reports its errors
                progress.message = f"(the log cannot be followed: {error})"

        on_change(view)
        reader = threading.Thread(target=read, name="gaia-progress", daemon=True)
        reader.start()
        try:
            yield on_change
            reader.join(_LAST_LINES)
        finally:
            over.set()


def _teller(session: Session) -> Callable[[str], None]:
    """On a terminal the picture says it all; elsewhere each piece of news is a line, but not between documents."""
    if session.stderr.isatty() or session.format != "text":
        return lambda _: None
    lock = threading.Lock()

    def tell(line: str) -> None:
        with lock:
            session.stderr.write(visible(line) + "\n")
            session.stderr.flush()

    return tell


@contextmanager
def _live(session: Session, progress: Progress) -> Iterator[None]:
    if not session.stderr.isatty():
        yield
        return
    from rich.live import Live

    class Picture:
        """Asks for the time at each drawing, so that the clocks run between two events."""

        def __rich__(self) -> object:
            return progress.screen(clock.now())

    with Live(Picture(), console=session.err, refresh_per_second=4, transient=True):  # type: ignore[arg-type]
        yield
