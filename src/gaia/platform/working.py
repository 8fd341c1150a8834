"""Carrying runs out until a request waits or has ended, or watching another process do it; reading along."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from gaia.errors import GaiaError
from gaia.kit import clock
from gaia.platform.engine import engine, is_running
from gaia.platform.log import follow
from gaia.platform.model import WORKING
from gaia.platform.steps import Stop
from gaia.records import requests, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gaia.platform.engine import Engine
    from gaia.platform.model import RequestView
    from gaia.platform.parts import Parts

_PAUSE = 0.1
"""Seconds between two looks."""


def work(
    parts: Parts, request: str, look: Callable[[], RequestView], on_change: Callable[[RequestView], None] | None
) -> RequestView:
    """Be the engine, or watch it, until the request waits or has ended. `look` shows it as it is now.

    Raises:
        GaiaError: what broke its run off; the next step says how to go on.
        KeyboardInterrupt: after a signal, when all that was begun has ended; `gaia resume` goes on.
    """
    from gaia.operations.survivors import end_survivors
    from gaia.platform import apply_run, preview_run

    changed = _OnlyChanges(on_change)
    workflows = {"preview": partial(preview_run.run, parts), "apply": partial(apply_run.run, parts)}
    with parts.interrupt.by_signals():
        while True:
            with engine(parts.home, workflows, partial(_abandon, parts)) as mine:
                if mine is not None:  # nobody else previews: what still runs there outlived a killed engine
                    end_survivors(parts.folder / "preview")
                view = _watch(parts, request, mine, look, changed)
            if view.status not in WORKING:
                return view
            time.sleep(_PAUSE)  # the engine that was seen has gone, or cannot be seen from here


def _abandon(parts: Parts, run_id: str) -> None:
    """End a run whose steps cannot be read back, as one that stopped there."""
    from gaia.platform.context import run_context
    from gaia.platform.settle import settle_apply, settle_preview

    with parts.database.read() as tx:
        found = next((run for run in runs.live(tx, parts.repository) if run.id == run_id), None)
    if found is None:
        return
    with run_context(parts, run_id) as context:
        reason = f"what the engine wrote down about {run_id} cannot be read"
        stop = Stop("stopped", "engine-row-unreadable", reason)
        if found.status == "queued":
            with parts.database.begin() as tx:
                runs.move(tx, run_id, ["queued"], "running", at=clock.now())
        (settle_apply if found.kind == "apply" else settle_preview)(context, stop)


def follow_log(parts: Parts, request: str, *, until_it_ends: bool) -> Iterator[Mapping[str, object]]:
    """The lines of a request's runs: those that are there, or all until it has ended."""

    def look() -> tuple[list[str], bool]:
        with parts.database.read() as tx:
            found = [run.id for run in runs.of_request(tx, request)]
            return found, not until_it_ends or requests.get(tx, request).status not in WORKING

    with parts.database.watch() as news:
        yield from follow(parts.home, news, look, lambda: time.sleep(_PAUSE))


def _watch(
    parts: Parts,
    request: str,
    mine: Engine | None,
    look: Callable[[], RequestView],
    changed: Callable[[RequestView], None],
) -> RequestView:
    """Until the request waits or has ended and, being the engine, nothing that was begun still runs.

    A watcher also comes back when there is no engine any more: then it becomes one. Asked to end, an engine waits for
    terraform to end what it is doing and save its state, or, asked again, to be killed; runs can be resumed.
    """
    with parts.database.watch() as news:
        while True:
            ending = parts.interrupt.times > 0
            if news():
                view = look()
                changed(view)
                if mine is not None:
                    mine.dispatch(partial(_queued, parts, request))
            if mine is not None and (broken := mine.broken_off(view.runs[-1].id)) and not mine.busy():
                raise _with_way_on(broken, request)
            if ending and (mine is None or not mine.busy()):
                raise KeyboardInterrupt
            if mine is None:
                if view.status not in WORKING or not is_running(parts.home):
                    return view
            elif view.status not in WORKING and not mine.busy():
                return view
            time.sleep(_PAUSE)


def _queued(parts: Parts, request: str) -> list[tuple[str, str]]:
    """What an engine that is there for this request has to carry out: everybody's runs, until the own one has ended."""
    if parts.interrupt.times:
        return []  # end what was begun, begin nothing more
    with parts.database.read() as tx:
        if requests.get(tx, request).status not in WORKING:
            return []
        return [(run.id, run.kind) for run in runs.live(tx, parts.repository, kinds=("preview", "apply"))]


def _with_way_on(error: Exception, request: str) -> Exception:
    """What broke a run off; its next step also says how to go on."""
    if not isinstance(error, GaiaError):
        return error
    way = f"{error.next_step} Then go on: `gaia resume {request}`."
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
