"""How far a release is, by what Argo CD says of it.

Deployed is: Argo CD compared what runs with our commit (or a later one with the very same files) and found it so, all
of it is healthy, and the last operation that touched it succeeded with these files. Health alone says nothing: until
Argo CD has looked, it is that of the release before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.gitops.rollout.model import Application, Progress, State, application_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.gitops.model import Place
    from gaia.gitops.rollout.model import Carried

_SHORT = 12
_ENDED = ("Failed", "Error")
_BROKEN = ("InvalidSpecError", "ComparisonError")
_GIVEN_UP = "exceeded its progress deadline"
"""What Argo CD says of a Deployment on which Kubernetes gave up."""


def judge(
    place: Place, commit: str, app: Application | None, carried: Callable[[str], Carried], why: str = ""
) -> Progress:
    """How far the release of this commit is. `why` is what was found out about what holds it up."""
    state, told = _missing(place) if app is None else _judged(app, carried)
    return Progress(state, told, place, commit, app, "" if state in ("deployed", "overtaken") else why)


def _missing(place: Place) -> tuple[State, str]:
    return "missing", f"Argo CD has no application {application_of(place)} yet"


def _judged(app: Application, carried: Callable[[str], Carried]) -> tuple[State, str]:
    seen, applied = carried(app.revision), carried(app.applied)
    short = app.revision[:_SHORT]
    if "overtaken" in (seen, applied):
        later = short if seen == "overtaken" else app.applied[:_SHORT]
        return "overtaken", f"commit {later} came after it, with other files of the service"
    if applied == "ours" and app.phase in _ENDED:
        return "failed", f"Argo CD could not apply it: {app.said or app.phase}"
    if any(kind in _BROKEN for kind, _ in app.conditions):
        return "waiting", "Argo CD cannot make out what is to run"
    if applied == "ours" and app.phase in ("Running", "Terminating"):
        return "applying", "Argo CD applies it" + (f": {app.said}" if app.said else "")
    if seen != "ours":
        return "waiting", f"Argo CD is at commit {short}, and has not seen this one yet" if short else (
            "Argo CD has not looked at it yet"
        )
    if app.sync != "Synced":
        return "waiting", f"Argo CD has seen it and not applied it yet: it is {app.sync}"
    if not _was_applied(app, applied, carried):
        return "waiting", "Argo CD found nothing to apply, and no operation of it succeeded with these files"
    if app.health == "Healthy":
        return "deployed", f"it is applied, and healthy at commit {short}"
    if any(one.kind == "Deployment" and _GIVEN_UP in one.message for one in app.resources):
        return "failed", "it is applied, and Kubernetes gave up rolling it out"
    return "rolling-out", f"it is applied, and {app.health.lower()}"


def _was_applied(app: Application, applied: Carried, carried: Callable[[str], Carried]) -> bool:
    """By the last operation; or by one before, where what failed since was another release that left nothing."""
    if app.phase == "Succeeded":
        return applied in ("ours", "alike")
    return app.phase in _ENDED and carried(app.succeeded) in ("ours", "alike")
