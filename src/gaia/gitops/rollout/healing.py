"""A release guarded, and taken back by itself where it is not well: tried a few times, then a person is called.

All that has to outlive a guard lies in the repository. Whoever begins again goes on with the incident that is open
there; each step looks at what is there now, and a push that comes second finds what the first one did.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict, GaiaError, Next, ToolFailed, Unavailable
from gaia.gitops import incidents, rolling_back
from gaia.gitops.incidents import Incident, line
from gaia.gitops.rollout.guarding import Blame, Guarded, look_on, since_of
from gaia.gitops.rollout.watching import Time
from gaia.gitops.taking_back import check_newest, noted, overtaken, taken_back
from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from gaia.gitops.model import Place, Release
    from gaia.gitops.releasing import Commit, Releases
    from gaia.gitops.rollout.alerted import Alerts
    from gaia.gitops.rollout.model import Progress

PUSHES = 5
"""Tries of one push: another release comes first, or the remote is away for a moment."""
_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Means:
    """What a guard works with."""

    now: Callable[[], Releases]
    """The repository as it is now."""
    released: Callable[[Releases], tuple[str, str]]
    """The newest release's commit and image."""
    guarded: Callable[[Releases, str, str], Guarded]
    """How a commit and its image are looked at."""
    judge: Callable[[Releases, Release], object]
    """Raises Refused where policies are against a release."""
    tell: Callable[[Incident], str]
    """Tells people; what went wrong with that, or nothing."""
    who: str
    alerts: Alerts | None = None
    timing: Time = field(default_factory=Time)


@dataclass(frozen=True, slots=True)
class Terms:
    """How long, and how often."""

    arrives: float
    """Seconds in which a release has to arrive."""
    window: float
    """Seconds for which it is looked on then."""
    tries: int
    """Releases before that are brought back, one after the other, before a person is called."""


class Guard:
    """Of one place."""

    def __init__(self, place: Place, means: Means, terms: Terms) -> None:
        self._place, self._means, self._terms = place, means, terms

    def run(self) -> Iterator[Progress | Incident]:
        """Each change, until the newest release was well for the whole window.

        Raises:
            ToolFailed: `release-taken-back`, where what ran before runs again; `release-parked`, where it does not.
            Conflict: `release-overtaken`. Unavailable: `release-late`, `gitops-unreachable`. NotFound:
                `release-nowhere`. Invalid: `incident-invalid`. As `look_on`.
        """
        found = self._means.now()
        incident = incidents.open_of(found, self._place)
        if incident is None:
            commit, image = self._means.released(found)
            if self._means.alerts:
                self._means.alerts.expect(since_of(found.repository.git("log", "-1", "--format=%cI", commit)))
            blame = yield from self._seen(found, commit, image)
            if blame is None:
                return
            incident = incidents.of_change(self._means.now(), self._place, commit) or self._new(commit, image, blame)
        yield from self._healed(incident)

    def _seen(self, found: Releases, commit: str, image: str) -> Generator[Progress, None, Blame | None]:
        means, terms = self._means, self._terms
        guarded = means.guarded(found, commit, image)
        return (yield from look_on(guarded, terms.arrives, terms.window, means.alerts, means.timing))

    def _new(self, commit: str, image: str, blame: Blame) -> Incident:
        return Incident(self._place, commit, image, blame.cause, line(blame.told), self._means.who, clock.now())

    def _healed(self, incident: Incident) -> Iterator[Progress | Incident]:
        if incident.tries and self._means.alerts:
            self._means.alerts.keep()
        while incident.state == "open":
            if not incident.tries or incident.tries[-1].said:
                if len(incident.tries) >= self._terms.tries:
                    incident = self._ended(incident, "parked", "taking it back did not help")
                    break
                try:
                    incident = self._taken_back(incident)
                except GaiaError as error:  # no way back, a policy, a protected branch, a remote that is gone
                    incident = self._without(incident, error)
                    break
                yield incident
                continue
            incident = yield from self._tried(incident)
        if self._means.alerts:
            self._means.alerts.keep()
        yield incident
        raise _end(incident)

    def _taken_back(self, incident: Incident) -> Incident:
        """The next release before brought back by one push, or by somebody else's."""
        made = incident

        def change(found: Releases) -> Commit | None:
            nonlocal made
            there = incidents.of_change(found, self._place, incident.change)
            if there and (there.state != "open" or len(there.tries) > len(incident.tries)):
                made = there
                return None
            whole, release, made = taken_back(found, incident)
            self._means.judge(found, release)
            return whole

        self._pushed(change)
        if self._means.alerts:
            self._means.alerts.keep()
        return made

    def _tried(self, incident: Incident) -> Generator[Progress, None, Incident]:
        """Whether what was brought back runs."""
        found = self._means.now()
        commit, image = self._means.released(found)
        back = incident.tries[-1]
        try:
            check_newest(incident, rolling_back.past(found, self._place))
            guarded = self._means.guarded(found, commit, image)
            blame = yield from look_on(guarded, self._terms.arrives, timing=self._means.timing)
        except Conflict as error:
            return self._ended(incident, "overtaken", error.message)
        except Unavailable as error:
            return self._ended(incident, "parked", error.message)
        if blame is None:
            return self._ended(incident, "over", "")
        said = replace(back, said=line(blame.told) or blame.cause)
        return replace(incident, tries=(*incident.tries[:-1], said))

    def _without(self, incident: Incident, error: GaiaError) -> Incident:
        """The end where nothing was taken back, or no more."""
        if error.code == "release-overtaken":
            if not incident.tries:
                raise error
            return self._ended(incident, "overtaken", error.message)
        return self._ended(incident, "parked", error.message)

    def _ended(self, incident: Incident, state: incidents.State, why: str) -> Incident:
        """The incident at its end. People are told first: killed in between, they are told twice, and never not."""
        there = incidents.of_change(self._means.now(), self._place, incident.change)
        if there and there.state != "open":
            return there
        ended = incident.ended_as(state, why)
        if untold := self._means.tell(ended):
            ended = replace(ended, why=line(f"{ended.why}; nobody could be told: {untold}".removeprefix("; ")))

        def change(found: Releases) -> Commit | None:
            nonlocal ended
            there = incidents.of_change(found, self._place, incident.change)
            if there and there.state != "open":
                ended = there
                return None
            return noted(found, ended)

        try:
            self._pushed(change)
        except GaiaError as error:
            ended = replace(ended, why=line(f"{ended.why}; it is not written down: {error.message}".removeprefix("; ")))
        return ended

    def _pushed(self, change: Callable[[Releases], Commit | None]) -> None:
        """Make a change of what is there now, anew where another came first; None: there is nothing to do."""
        for tried in range(1, PUSHES + 1):
            try:
                found = self._means.now()
                wanted = change(found)
                if wanted is not None and not wanted.is_empty:
                    found.make(wanted)
            except (Conflict, ToolFailed, Unavailable) as error:
                if error.code not in ("gitops-overtaken", "gitops-push", "gitops-unreachable") or tried == PUSHES:
                    raise
                self._means.timing.pause(0.0 if error.code == "gitops-overtaken" else _PAUSE * tried)
            else:
                return


def _end(incident: Incident) -> GaiaError:
    place = incident.place
    options = ("--tenant", place.tenant, "--stage", place.stage)
    what = f"the release of {place} by commit {incident.change[:12]} was not well ({incident.told})"
    if incident.state == "over":
        more = f" ({incident.why})" if incident.why else ""
        after = "Repair it first: what was taken back is held until then."
        return ToolFailed(
            "release-taken-back",
            f"{what}, and was taken back by itself: what was released before runs again{more}",
            next_step=Next("release unlock", place.service, "Let it be released again", options=options, after=after),
            facts=incident.as_json(),
        )
    if incident.state == "overtaken":
        return overtaken(place, incident.change, "")
    return ToolFailed(
        "release-parked",
        f"{what}, and somebody has to look at it: {incident.why}",
        next_step=Next("release watch", place.service, "See how it is, then repair it", options=options),
        facts=incident.as_json(),
    )
