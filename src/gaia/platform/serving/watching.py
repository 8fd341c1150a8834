"""Looking on at one request while its runs are carried out, here or by another process; reading its log along."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Next
from gaia.platform.engine.worker import some_work
from gaia.platform.log import follow
from gaia.platform.model import WORKING
from gaia.platform.serving.serving import PAUSE, serve
from gaia.records import requests, runs
from gaia.records.model import LIVE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gaia.platform.context import PlatformContext
    from gaia.platform.model import RequestView


def work(
    platform: PlatformContext,
    request: str,
    look: Callable[[], RequestView],
    on_change: Callable[[RequestView], None] | None,
) -> RequestView:
    """Be the engine, or watch it, until the request waits or has ended. `look` shows it as it is now.

    Raises:
        GaiaError: what broke its run off; the next step says how to go on.
        KeyboardInterrupt: after a signal, when all that was begun has ended; `gaia resume` goes on.
    """
    changed = _OnlyChanges(on_change)

    def enough(broken: Mapping[str, Exception]) -> bool:
        view = look()
        changed(view)
        return view.status not in WORKING or view.runs[-1].id in broken

    with platform.interrupt.by_signals():
        while True:
            broken = serve(platform, enough)
            view = look()
            if broken and (error := broken.get(view.runs[-1].id)):
                raise _with_way_on(error, request)
            if broken is None:
                _look_on(platform, look, changed)
                view = look()
            if view.status not in WORKING:
                return view
            time.sleep(PAUSE)  # the engine that was seen has gone, or cannot be seen from here


def see_through(platform: PlatformContext, run: str) -> None:
    """Be the engine, or watch it, until a run that is of no request has ended.

    Raises:
        GaiaError: what broke it off. KeyboardInterrupt: after a signal.
    """

    def ended() -> bool:
        with platform.database.read() as tx:
            return runs.get(tx, run).status not in LIVE

    with platform.interrupt.by_signals():
        while not ended():
            broken = None
            with platform.database.read() as tx:
                served = some_work(tx, platform.home)
            if not served:
                broken = serve(platform, lambda broken: ended() or run in broken)
            if broken and (error := broken.get(run)):
                raise error
            if platform.interrupt.times:
                raise KeyboardInterrupt
            time.sleep(PAUSE)


def follow_log(platform: PlatformContext, request: str, *, until_it_ends: bool) -> Iterator[Mapping[str, object]]:
    """The lines of a request's runs: those that are there, or all until it has ended."""

    def look() -> tuple[list[str], bool]:
        with platform.database.read() as tx:
            found = [run.id for run in runs.of_request(tx, request)]
            return found, not until_it_ends or requests.get(tx, request).status not in WORKING

    with platform.database.watch() as news:
        yield from follow(platform.documents, news, look, lambda: time.sleep(PAUSE))


def _look_on(
    platform: PlatformContext, look: Callable[[], RequestView], changed: Callable[[RequestView], None]
) -> None:
    """Until the request waits or has ended, or there is no engine any more: then the caller becomes one."""
    with platform.database.watch() as news:
        while True:
            if news():
                view = look()
                changed(view)
            if platform.interrupt.times:
                raise KeyboardInterrupt
            if view.status not in WORKING:
                return
            with platform.database.read() as tx:
                if not some_work(tx, platform.home):
                    return
            time.sleep(PAUSE)


def _with_way_on(error: Exception, request: str) -> Exception:
    """What broke a run off; its next step also says how to go on."""
    if not isinstance(error, GaiaError):
        return error
    way = Next("resume", request, f"{error.next_step} Then go on")
    return type(error)(error.code, error.message, next_step=way, at=error.at, facts=error.facts)


class _OnlyChanges:
    """Hands a view on when it differs from the one before."""

    def __init__(self, on_change: Callable[[RequestView], None] | None) -> None:
        self._on_change = on_change
        self._seen: RequestView | None = None

    def __call__(self, view: RequestView) -> None:
        if view != self._seen and self._on_change is not None:
            self._on_change(view)
        self._seen = view
