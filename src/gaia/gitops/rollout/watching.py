"""Looking on until a release has arrived, or cannot."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict, GaiaError, Next, ToolFailed, Unavailable
from gaia.gitops.rollout.judging import judge
from gaia.gitops.rollout.model import FINAL, Progress
from gaia.gitops.rollout.reasons import reason
from gaia.gitops.rollout.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gaia.gitops.model import Place
    from gaia.gitops.rollout.model import Application, Carried
    from gaia.gitops.rollout.ports import Cluster

_STREAM = 30.0
"""Seconds after which the application is asked for anew, whatever was streamed."""
_PAUSE = 2.0
_WHY = 10.0
"""Seconds between two looks at the pods."""
_ENOUGH = 3
"""Looks at which nobody answers before that is told."""


@dataclass(frozen=True, slots=True)
class Time:
    """How time passes; a test has its own."""

    now: Callable[[], float] = time.monotonic
    pause: Callable[[float], object] = time.sleep


class Watch:
    """One release, asked about in one place after the other: where the first does not answer, at the next."""

    def __init__(
        self, clusters: Sequence[Cluster], place: Place, commit: str, image: str, *, timing: Time | None = None
    ) -> None:
        self._clusters, self._place, self._commit, self._image = clusters, place, commit, image
        self._time = timing or Time()
        self._cluster = clusters[0]
        self._looked, self._why = float("-inf"), ""
        self._traffic = Traffic(place.service, self._time.now)

    def progress(self, carried: Callable[[str], Carried], seconds: float) -> Iterator[Progress]:
        """Each change, until it is deployed.

        Raises:
            ToolFailed: `release-failed`. Conflict: `release-overtaken`. Unavailable: `release-late`, when the time is
                over; as `Cluster.application`, where nobody answers.
        """
        until, last, failed, refresh = self._time.now() + seconds, None, 0, True
        while True:
            try:
                app, failed, refresh = self._asked(refresh=refresh), 0, False
            except Unavailable as error:
                failed, refresh = failed + 1, False  # it may be what takes too long
                if self._time.now() >= until:
                    raise
                if failed == _ENOUGH:
                    last = Progress("unreachable", error.message, self._place, self._commit)
                    yield last
                self._time.pause(min(_PAUSE * failed, until - self._time.now(), _STREAM))
                continue
            for app_now in self._seen(app, until):
                now = self._judged(app_now, carried)
                if last is None or (now.state, now.told, now.why) != (last.state, last.told, last.why):
                    yield now
                last = now
                if now.state in FINAL:
                    self.check(now)
                    return
            if self._time.now() >= until:
                raise self.late(last)
            self._time.pause(_PAUSE)

    def look(self, carried: Callable[[str], Carried], *, refresh: bool = False) -> Progress:
        """How far it is now; `unreachable` where nobody answers.

        Raises:
            As `Cluster.application`, but Unavailable.
        """
        try:
            app = self._asked(refresh=refresh)
        except Unavailable as error:
            return Progress("unreachable", error.message, self._place, self._commit)
        return self._judged(app, carried)

    def _asked(self, *, refresh: bool) -> Application | None:
        """Where it answers; the first one again as soon as it does.

        Raises:
            Unavailable: of the first one, when none does.
        """
        trouble: Unavailable | None = None
        for one in self._clusters:
            try:
                found = one.application(self._place, refresh=refresh)
            except Unavailable as error:
                trouble = trouble or error
            else:
                self._cluster = one
                return found
        assert trouble is not None  # noqa: S101  there is at least one
        raise trouble

    def _seen(self, app: Application | None, until: float) -> Iterator[Application | None]:
        yield app
        if app is not None:
            yield from self._cluster.changes(self._place, max(0.0, min(_STREAM, until - self._time.now())))

    def _judged(self, app: Application | None, carried: Callable[[str], Carried]) -> Progress:
        now = self._with_traffic(judge(self._place, self._commit, app, carried))
        if app is None or now.state in ("deployed", "overtaken"):
            return now
        if now.state == "failed" or self._time.now() - self._looked >= _WHY:
            self._looked, self._why = self._time.now(), reason(app, self._objects(app), self._image)
        return replace(now, why=self._why)

    def _with_traffic(self, now: Progress) -> Progress:
        """With what Flagger has still to do, of one that is applied."""
        app = now.application
        if app is None or now.state not in ("deployed", "rolling-out"):
            return now
        found = self._traffic.judge(app, lambda name: self._deployment(app, name))
        return now if found is None else replace(now, state=found[0], told=found[1])

    def _deployment(self, app: Application, name: str) -> Mapping[str, object] | None:
        try:
            return self._cluster.deployment(self._place, app, name)
        except GaiaError:
            return None  # that nobody sees it is told

    def _objects(self, app: Application) -> tuple[Mapping[str, object], ...]:
        try:
            return self._cluster.objects(self._place, app)
        except GaiaError:
            return ()  # they would explain it; without them it is the same

    def check(self, now: Progress) -> None:
        """Raise the error of an end that is none.

        Raises:
            ToolFailed: `release-failed`. Conflict: `release-overtaken`.
        """
        if now.state == "failed":
            raise ToolFailed(
                "release-failed",
                f"the release of {self._place} did not arrive: {_whole(now)}",
                next_step=self._next("release rollback", "Repair that and release it anew, or take it back"),
                facts=now.as_json(),
            )
        if now.state == "overtaken":
            raise Conflict(
                "release-overtaken",
                f"the release of {self._place} by commit {self._commit[:12]} was overtaken: {now.told}",
                next_step=self._next("release watch", "Watch the newer one"),
                facts=now.as_json(),
            )

    def _next(self, act: str, words: str) -> Next:
        options = ("--tenant", self._place.tenant, "--stage", self._place.stage)
        return Next(act, self._place.service, words, options=options)

    def late(self, last: Progress | None) -> Unavailable:
        """The error when the time is over."""
        told = _whole(last) if last else "nothing is known of it"
        return Unavailable(
            "release-late",
            f"the release of {self._place} has not arrived in time: {told}",
            next_step=self._next("release watch", "Watch on, or look at what it waits for"),
            facts=last.as_json() if last else None,
        )


def _whole(now: Progress) -> str:
    return f"{now.told}; {now.why}" if now.why and now.why not in now.told else now.told
