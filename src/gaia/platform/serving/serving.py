"""Serving: be the engine of a GAIA_HOME and carry out all that is queued, of all callers."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from gaia.errors import Unavailable
from gaia.kit import clock
from gaia.platform.acting import ENGINE
from gaia.platform.engine.engine import alone, launched
from gaia.platform.engine.fairness import next_in_line
from gaia.platform.engine.steps import END, Stop
from gaia.platform.engine.worker import KILLED, lost, present
from gaia.platform.serving.retention import clean_daily
from gaia.records import runs
from gaia.records.model import LIVE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.platform.context import PlatformContext
    from gaia.platform.engine.engine import Engine, StepCaller
    from gaia.platform.engine.worker import Share
    from gaia.records.model import Run

    Enough = Callable[[Mapping[str, Exception]], bool]

PAUSE = 0.1
"""Seconds between two looks."""
_MISSED = 1.0
"""Seconds between two looks for workers that are gone."""
_PASSING = ("worker-lost", "database-down", "database-locked")
"""What is over by itself, sooner or later."""
_AT_ONCE = 8


def serve(
    platform: PlatformContext, enough: Enough | None = None, *, again: bool = False
) -> Mapping[str, Exception] | None:
    """Carry out what is queued until `enough` (nothing is left, where that is not given) and what was begun has ended.

    That is of every repository of the home, each run in the context of its own. `enough` is asked whenever something
    changed, with what broke runs off so far; it may look on meanwhile. Told to stop by the process's wish to end, the
    engine begins nothing more and waits for terraform to end what it is doing and save its state or, told again, to be
    killed; the runs go on with the next engine.

    What broke off, because nothing could be written down, is left to the next engine, or with `again` is begun again.

    Returns what broke runs off, by the run's id: the next engine can go on with them; None, at once, when another
    process is the engine.

    Raises:
        KeyboardInterrupt: after a signal, when all that was begun has ended.
        Unavailable: `engine-file-unusable`.
    """
    from gaia.operations.survivors import end_survivors
    from gaia.platform.serving.workflows import WORKFLOWS

    with alone(platform.home) as mine:
        if not mine:  # nothing may be taken that this process will not carry out
            return None
        with present(platform.database, platform.interrupt) as share:
            if share is not None:
                _taken(platform, share, frozenset())  # what an earlier engine had, before DBOS begins it again
            workflows = {kind: partial(_carry_out, platform, share, again) for kind in WORKFLOWS}
            with launched(platform.home, workflows, partial(_abandon, platform)) as engine:
                for one in platform.served:
                    # Nobody else previews here: what still runs there outlived a killed engine.
                    end_survivors(one.folder / "preview")
                    clean_daily(one, actor=ENGINE)
                try:
                    _until(platform, engine, enough or (lambda _: not _live(platform, engine)), share, again=again)
                except KeyboardInterrupt:
                    if share is not None and share.lost:
                        raise lost() from None
                    raise
                except Exception:
                    _end_all(platform, engine)
                    raise
                return engine.broken


def _end_all(platform: PlatformContext, engine: Engine) -> None:
    """Ask what goes on to end, and wait: an engine that begins in this process next would go on with the same runs."""
    began = time.monotonic()
    platform.interrupt.ask()
    while engine.going:
        if time.monotonic() - began > KILLED and platform.interrupt.times == 1:
            platform.interrupt.ask()
        time.sleep(PAUSE)


def _carry_out(platform: PlatformContext, share: Share | None, passes_on: bool, run_id: str, call: StepCaller) -> None:
    """One run; where there are several workers, each step asks first whether it still is this one's.

    Of a process that only serves and is to end itself, what it had to interrupt is no end of the run: the next goes on.
    """
    from gaia.platform.serving.workflows import run

    def checked(name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        def step() -> dict[str, Any]:
            if share is not None:
                share.check(run_id)
            if passes_on and name == END and platform.interrupt.times:
                raise Unavailable("engine-ends", "the engine ends", next_step="The next one goes on.")
            return work()

        return call(name, step)

    run(platform, run_id, checked)


def _until(platform: PlatformContext, mine: Engine, enough: Enough, share: Share | None, *, again: bool) -> None:
    """Until `enough`; a database that is away is waited for where its lock says that nobody else goes on meanwhile."""
    while True:
        try:
            with platform.database.watch() as news:
                return _watch(platform, mine, enough, share, news, again=again)
        except Unavailable as error:
            if share is None or error.code not in _PASSING:
                raise
            if platform.interrupt.times and not mine.going:
                raise KeyboardInterrupt from error
            time.sleep(PAUSE)


def _watch(
    platform: PlatformContext,
    mine: Engine,
    enough: Enough,
    share: Share | None,
    news: Callable[[], bool],
    *,
    again: bool,
) -> None:
    ending, known, going = False, -1, frozenset[str]()
    looked = 0.0
    while True:
        broken, now = len(mine.broken), time.monotonic()
        # nothing is committed when a worker dies, nor when what a run broke off for is over
        due = (share is not None or (again and broken)) and now - looked > _MISSED
        if due and again:
            mine.take_back()
        # a run that broke off is written down nowhere, and one that ended makes room
        if news() or broken != known or mine.going != going or due:
            known, looked, ending = broken, now, enough(mine.broken)
            _tell_cancelled(platform, mine)
            if not ending:
                mine.dispatch(_wanted(platform, mine, share), partial(_is_live, platform))
            going = mine.going
        if not mine.busy() and known == len(mine.broken):
            if platform.interrupt.times:
                raise KeyboardInterrupt
            if ending:
                return
        time.sleep(PAUSE)


def _tell_cancelled(platform: PlatformContext, mine: Engine) -> None:
    with platform.database.read() as tx:
        cancelled = runs.cancelled(tx)
    for run, times in cancelled.items():
        if run in mine.going:
            platform.interrupt.ask_inner(run, times)


def _wanted(platform: PlatformContext, mine: Engine, share: Share | None) -> list[tuple[str, str]]:
    """What this engine is to carry out now, as (run id, kind). Nothing more once this process is to end."""
    if platform.interrupt.times:
        return []
    if share is not None:
        return [(one.id, one.kind) for one in _taken(platform, share, mine.going) if one.id not in mine.broken]
    live = _live(platform, mine)
    under_way = [one for one in live if one.id in mine.going]
    waiting = [one for one in live if one.id not in mine.going]
    chosen = next_in_line(waiting, under_way, max(_room(platform) - len(under_way), 0))
    return [(one.id, one.kind) for one in (*under_way, *chosen)]


def _taken(platform: PlatformContext, share: Share, going: frozenset[str]) -> list[Run]:
    served = {one.repository for one in platform.served}
    with platform.database.read() as tx:
        live = [one for one in runs.live(tx, kinds=runs.CARRIED) if one.repository in served]
    return share.take(live, going, _room(platform))


def _room(platform: PlatformContext) -> int:
    """How many runs one engine carries out at once: more than may run terraform, since they also wait."""
    return max(_AT_ONCE, 2 * platform.slots.count)


def _live(platform: PlatformContext, mine: Engine) -> list[Run]:
    """Everybody's runs that have not ended, in every repository of the home, but those that broke off here."""
    served = {one.repository for one in platform.served}
    with platform.database.read() as tx:
        live = runs.live(tx, kinds=runs.CARRIED)
    return [one for one in live if one.repository in served and one.id not in mine.broken]


def _is_live(platform: PlatformContext, run_id: str) -> bool:
    with platform.database.read() as tx:
        return runs.get(tx, run_id).status in LIVE


def _abandon(platform: PlatformContext, run_id: str) -> None:
    """End a run whose steps cannot be read back, as one that stopped there."""
    from gaia.platform.context import any_run
    from gaia.platform.serving.workflows import WORKFLOWS

    with platform.database.read() as tx:
        abandoned = next((run for run in runs.live(tx) if run.id == run_id), None)
    if abandoned is None or abandoned.repository not in {one.repository for one in platform.served}:
        return
    with any_run(platform.of(abandoned.repository), run_id) as context:
        reason = f"what the engine wrote down about {run_id} cannot be read"
        stop = Stop("stopped", "engine-row-unreadable", reason)
        if abandoned.status == "queued":
            with platform.database.begin() as tx:
                runs.move(tx, run_id, ["queued"], "running", at=clock.now())
        WORKFLOWS[abandoned.kind].end(context, stop)
