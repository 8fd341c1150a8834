"""Serving: be the engine of a GAIA_HOME and carry out all that is queued, of all callers."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from gaia.kit import clock
from gaia.platform.acting import ENGINE
from gaia.platform.engine import engine
from gaia.platform.retention import clean_daily
from gaia.platform.steps import Stop
from gaia.records import runs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.platform.context import PlatformContext
    from gaia.platform.engine import Engine

    Enough = Callable[[Mapping[str, Exception]], bool]

PAUSE = 0.1
"""Seconds between two looks."""


def serve(platform: PlatformContext, enough: Enough | None = None) -> Mapping[str, Exception] | None:
    """Carry out what is queued until `enough` (nothing is left, where that is not given) and what was begun has ended.

    That is of every repository of the home, each run in the context of its own. `enough` is asked whenever something
    changed, with what broke runs off so far; it may look on meanwhile. Told to
    stop by the process's wish to end, the engine begins nothing more and waits for terraform to end what it is doing
    and save its state or, told again, to be killed; the runs go on with the next engine.

    Returns what broke runs off, by the run's id: the next engine can go on with them; None, at once, when another
    process is the engine.

    Raises:
        KeyboardInterrupt: after a signal, when all that was begun has ended.
        Unavailable: `engine-file-unusable`.
    """
    from gaia.operations.survivors import end_survivors
    from gaia.platform.workflows import WORKFLOWS, run

    with engine(platform.home, dict.fromkeys(WORKFLOWS, partial(run, platform)), partial(_abandon, platform)) as mine:
        if mine is None:
            return None
        for one in platform.served:
            # Nobody else previews: what still runs there outlived a killed engine.
            end_survivors(one.folder / "preview")
            clean_daily(one, actor=ENGINE)
        _until(platform, mine, enough or (lambda _: not _queued(platform, mine)))
        return mine.broken


def _until(platform: PlatformContext, mine: Engine, enough: Enough) -> None:
    ending, known = False, -1
    with platform.database.watch() as news:
        while True:
            broken = len(mine.broken)
            if news() or broken != known:  # a run that broke off is written down nowhere
                known, ending = broken, enough(mine.broken)
                if not ending:
                    mine.dispatch(partial(_queued, platform, mine))
            if not mine.busy() and known == len(mine.broken):
                if platform.interrupt.times:
                    raise KeyboardInterrupt
                if ending:
                    return
            time.sleep(PAUSE)


def _queued(platform: PlatformContext, mine: Engine) -> list[tuple[str, str]]:
    """What there is to carry out, as (run id, kind): everybody's runs in every repository of the home.

    Nothing more once this process is to end.
    """
    if platform.interrupt.times:
        return []
    served = {one.repository for one in platform.served}
    with platform.database.read() as tx:
        live = runs.live(tx, kinds=("preview", "apply"))
    return [(run.id, run.kind) for run in live if run.repository in served and run.id not in mine.broken]


def _abandon(platform: PlatformContext, run_id: str) -> None:
    """End a run whose steps cannot be read back, as one that stopped there."""
    from gaia.platform.context import run_context
    from gaia.platform.workflows import WORKFLOWS

    with platform.database.read() as tx:
        abandoned = next((run for run in runs.live(tx) if run.id == run_id), None)
    if abandoned is None or abandoned.repository not in {one.repository for one in platform.served}:
        return
    with run_context(platform.of(abandoned.repository), run_id) as context:
        reason = f"what the engine wrote down about {run_id} cannot be read"
        stop = Stop("stopped", "engine-row-unreadable", reason)
        if abandoned.status == "queued":
            with platform.database.begin() as tx:
                runs.move(tx, run_id, ["queued"], "running", at=clock.now())
        WORKFLOWS[abandoned.kind].end(context, stop)
