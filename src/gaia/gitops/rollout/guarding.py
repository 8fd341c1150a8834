"""A release looked on until it runs, and for a while after; what is not well by then is told why.

What nobody knows is no failure: where Argo CD does not answer, or has not seen the commit, nothing is blamed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import ToolFailed
from gaia.gitops.rollout.watching import Time

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import datetime

    from gaia.gitops.incidents import Cause
    from gaia.gitops.rollout.alerted import Alerts
    from gaia.gitops.rollout.model import Carried, Progress
    from gaia.gitops.rollout.watching import Watch

PAUSE = 5.0
"""Seconds between two looks."""
_REFRESH = 60.0
"""Seconds after which Argo CD is asked to look at git while it has not seen the commit."""
STAYS = 60.0
"""Seconds that what ran is not well before it is blamed: a pod that is moved is not well for a moment."""
_ENDED = ("Failed", "Error")


@dataclass(frozen=True, slots=True)
class Blame:
    """What is wrong."""

    cause: Cause
    told: str


@dataclass(frozen=True, slots=True)
class Guarded:
    """A release on its way."""

    watch: Watch
    carried: Callable[[str], Carried]
    smoke: Callable[[], None]
    """Raises ToolFailed, `release-smoke-failed`."""


def look_on(
    guarded: Guarded, arrives: float, window: float = 0, alerts: Alerts | None = None, timing: Time | None = None
) -> Generator[Progress, None, Blame | None]:
    """Each change, and what is wrong in the end; None where it arrived, passed its smoke test and was well since.

    Raises:
        Conflict: `release-overtaken`. Unavailable: `release-late`, where nobody knows. As `Watch.look`.
    """
    time = timing or Time()
    begun, arrived, ill = time.now(), None, _Ill(time)
    last: Progress | None = None
    asked = float("-inf")
    while True:
        refresh = arrived is None and time.now() - asked >= _REFRESH
        asked = time.now() if refresh else asked
        now = guarded.watch.look(guarded.carried, refresh=refresh)
        if last is None or (now.state, now.told, now.why) != (last.state, last.told, last.why):
            yield now
        last = now
        if now.state == "overtaken":
            guarded.watch.check(now)
        if now.state == "deployed" and arrived is None:
            arrived = time.now()
            if failed := _smoked(guarded):
                return failed
        if blame := _failed(now) if arrived is None else ill.blame(now):
            return blame
        if arrived is None and time.now() - begun >= arrives:
            return _too_late(guarded, now, arrives)
        if arrived is not None and time.now() - arrived >= window:
            if now.state == "unreachable":
                raise guarded.watch.late(now)
            return None
        if alert := _alerted(alerts, time):
            return alert


def _too_late(guarded: Guarded, now: Progress, arrives: float) -> Blame:
    """What is wrong with one that did not arrive in time, where that is known."""
    if now.state in ("applying", "rolling-out"):
        return Blame("late", f"it does not run after {arrives / 60:.0f} minutes: {_whole(now)}")
    raise guarded.watch.late(now)


def _alerted(alerts: Alerts | None, time: Time) -> Blame | None:
    """Wait a while, for an alert too."""
    if alerts is None:
        time.pause(PAUSE)
        return None
    found = alerts.next(PAUSE)
    return Blame("alert", found.told) if found else None


def since_of(text: str) -> datetime:
    """The moment that git tells of a commit."""
    from gaia.kit import clock

    return clock.parse_rfc3339(text.strip())


def _smoked(guarded: Guarded) -> Blame | None:
    try:
        guarded.smoke()
    except ToolFailed as error:
        return Blame("smoke-failed", error.message)
    return None


def _failed(now: Progress) -> Blame | None:
    if now.state != "failed":
        return None
    ended = now.application is not None and now.application.phase in _ENDED
    return Blame("sync-failed" if ended else "degraded", _whole(now))


class _Ill:
    """How long what ran is not well."""

    def __init__(self, time: Time) -> None:
        self._time = time
        self._since: float | None = None

    def blame(self, now: Progress) -> Blame | None:
        """One that lasts. One of which nobody knows is neither better nor worse."""
        if now.state == "unreachable":
            return None
        health = now.application.health if now.application else ""
        if now.state != "failed" and not (now.state == "rolling-out" and health == "Degraded"):
            self._since = None
            return None
        self._since = self._time.now() if self._since is None else self._since
        lasts = self._time.now() - self._since
        return Blame("degraded", f"it ran, and is not well: {_whole(now)}") if lasts >= STAYS else None


def _whole(now: Progress) -> str:
    return f"{now.told}; {now.why}" if now.why and now.why not in now.told else now.told
