"""Which version has the traffic, where Flagger moves it: a release has arrived when it has all of it.

Argo CD is done when Flagger has what it is to do, and healthy is then still the release before. Told is by what runs:
Flagger makes a second Deployment, `NAME-primary`, of the version that has the traffic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.gitops.rollout.answers import below, is_object, objects

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.gitops.rollout.model import Application, Resource, State

    Object = Mapping[str, object]

NOTICES = 90.0
"""Seconds in which Flagger sees that there is a new version: until then what it says is of the one before."""
_KIND = "Canary"


class Traffic:
    """What is known of one release's traffic, from one look to the next."""

    def __init__(self, service: str, now: Callable[[], float]) -> None:
        self._service, self._now = service, now
        self._since: float | None = None
        self._seen = False
        """Whether Flagger was seen at work on it."""

    def judge(self, app: Application, deployment: Callable[[str], Object | None]) -> tuple[State, str] | None:
        """What holds a release that is applied; None where nothing does, or Flagger has no part in it.

        `deployment` gives a Deployment of the service's namespace as it is, None where nobody here sees it.
        """
        canary = next((one for one in app.resources if one.kind == _KIND), None)
        if canary is None:
            return None
        wanted, live = deployment(self._service), deployment(f"{self._service}-primary")
        if wanted is None or live is None:
            return "rolling-out", "it is applied, and nobody here sees which version has the traffic"
        if _version(wanted, self._service) == _version(live, self._service):
            return None
        return self._of(canary)

    def _of(self, canary: Resource) -> tuple[State, str]:
        said = f": {canary.message}" if canary.message else ""
        if canary.health == "Progressing":
            self._seen = True
            return "rolling-out", f"it is applied, and Flagger moves the traffic{said}"
        self._since = self._now() if self._since is None else self._since
        if canary.health == "Degraded" and (self._seen or self._now() - self._since >= NOTICES):
            return "failed", f"Flagger gave it up, and the version before has the traffic{said}"
        return "rolling-out", "it is applied, and Flagger has not seen it yet"


def _version(deployment: Object, service: str) -> object:
    """What its pods run, by whichever name Flagger calls the secrets that they read."""
    pod = below(below(below(deployment, "spec"), "template"), "spec")
    return _renamed(objects(pod, "containers"), f"{service}-primary", service)


def _renamed(value: object, name: str, other: str) -> object:
    if value == name:
        return other
    if isinstance(value, list):
        return [_renamed(one, name, other) for one in value]
    return {key: _renamed(child, name, other) for key, child in value.items()} if is_object(value) else value
