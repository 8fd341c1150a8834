"""What a guard is tried with: a real repository, and an Argo CD whose answers follow from what is released there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.unit.gitops.conftest import DIGEST, IMAGE, OTHER
from tests.unit.gitops.ground import PHOTOS
from tests.unit.gitops.rollout.served import NAME, application
from tests.unit.gitops.rollout.test_watching import Clock

from gaia.bootstrap.releases import as_it_is_now, released
from gaia.errors import GaiaError, Refused, ToolFailed
from gaia.gitops.rollout import answers
from gaia.gitops.rollout.guarding import Guarded
from gaia.gitops.rollout.healing import Guard, Means, Terms
from gaia.gitops.rollout.revisions import Revisions
from gaia.gitops.rollout.watching import Time, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.unit.gitops.ground import Ground
    from tests.unit.gitops.rollout.served import Json

    from gaia.gitops.incidents import Incident
    from gaia.gitops.model import Place, Release
    from gaia.gitops.releasing import Releases
    from gaia.gitops.rollout.alerted import Alerts
    from gaia.gitops.rollout.model import Application, Progress

GOOD, BAD, THIRD = IMAGE, IMAGE.replace(DIGEST, OTHER), IMAGE.replace(DIGEST, "sha256:" + "c" * 64)
FAILED: Json = {"sync": "OutOfSync", "phase": "Failed"}
DEGRADED: Json = {"health": "Degraded"}
ROLLING: Json = {"health": "Progressing"}


@dataclass
class Cluster:
    """As `ports.Cluster`: of each image, how Argo CD says that its release is; one that is not named is well."""

    ground: Ground
    how: Mapping[str, list[Json]]
    """The last one stays."""
    shown: str = "Argo CD"
    known: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What is released, by the newest commit."""

    def application(self, place: Place, *, refresh: bool) -> Application | None:  # noqa: ARG002
        """At the newest release of the remote."""
        head = (self.ground.remote.folder / "refs/heads/main").read_text()
        if head not in self.known:
            self.known[head] = released(self.ground.open("remote.git"), PHOTOS)
        commit, image = self.known[head]
        said = self.how.get(image, [{}])
        one = said.pop(0) if len(said) > 1 else said[0]
        return answers.application(application(**{"revision": commit, "applied": commit, **one}), NAME)

    def changes(self, place: Place, seconds: float) -> Iterator[Application]:  # noqa: ARG002
        """None: it is asked again."""
        return iter(())

    def deployment(self, place: Place, application: Application, name: str) -> Mapping[str, object] | None:  # noqa: ARG002
        """None: no Flagger."""
        return None

    def objects(self, place: Place, application: Application) -> tuple[Mapping[str, object], ...]:  # noqa: ARG002
        """Nothing is known of pods."""
        return ()


@dataclass
class Scene:
    """A guard, and what came of it."""

    ground: Ground
    how: Mapping[str, list[Json]] = field(default_factory=dict)
    denied: str = ""
    smoke: frozenset[str] = frozenset()
    """Images whose smoke test fails."""
    told: list[Incident] = field(default_factory=list)
    untold: str = ""
    alerts: Alerts | None = None
    terms: Terms = field(default_factory=lambda: Terms(900, 600, 2))
    clock: Clock = field(default_factory=Clock)

    def guard(self, place: str = "clone") -> Guard:
        """One that stands at a clone, or at the remote."""
        opened = self.ground.open(place)
        cluster, time = Cluster(self.ground, self.how), Time(self.clock.now, self.clock.pause)

        def guarded(found: Releases, commit: str, image: str) -> Guarded:
            watch = Watch((cluster,), PHOTOS, commit, image, timing=time)
            return Guarded(watch, Revisions(found.repository, PHOTOS, commit).carried, lambda: self._smoked(image))

        means = Means(
            now=lambda: as_it_is_now(opened),
            released=lambda found: released(found, PHOTOS),
            guarded=guarded,
            judge=self._judge,
            tell=self._tell,
            who="gaia",
            alerts=self.alerts,
            timing=time,
        )
        return Guard(PHOTOS, means, self.terms)

    def run(self, place: str = "clone") -> tuple[list[Progress | Incident], GaiaError | None]:
        """All that it told, and how it ended."""
        seen: list[Progress | Incident] = []
        try:
            for one in self.guard(place).run():
                seen.append(one)  # noqa: PERF402  what was told before an error counts
        except GaiaError as error:
            return seen, error
        return seen, None

    def _judge(self, found: Releases, release: Release) -> None:  # noqa: ARG002
        if self.denied:
            raise Refused("release-denied", self.denied, next_step="x")

    def _smoked(self, image: str) -> None:
        if image in self.smoke:
            raise ToolFailed("release-smoke-failed", "it answers 500, not 200", next_step="x")

    def _tell(self, incident: Incident) -> str:
        self.told.append(incident)
        return self.untold
