"""What a guard changes in the repository: a release taken back with its incident, and how that went on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Next
from gaia.gitops import rolling_back
from gaia.gitops.incidents import Try
from gaia.gitops.locking import trailers
from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.gitops.incidents import Incident
    from gaia.gitops.model import Place, Release
    from gaia.gitops.releasing import Commit, Releases
    from gaia.gitops.rolling_back import Past


def taken_back(releases: Releases, incident: Incident) -> tuple[Commit, Release, Incident]:
    """The change that brings the release before back, with the incident in it, the release, and the incident.

    Raises:
        Conflict: `release-overtaken`, where something else was released meanwhile. As `rolling_back.rollback`.
    """
    known = rolling_back.past(releases, incident.place)
    check_newest(incident, known)
    before = rolling_back.before(known, incident.place)
    change, release = rolling_back.rollback(releases, incident.place, incident.by, to=before.commit)
    made = replace(incident, tries=(*incident.tries, Try(clock.now(), before.commit, str(release.image))))
    written = noted(releases, made)
    whole = replace(
        change,
        files={**change.files, **written.files},
        difference=change.difference + written.difference,
        trailers=(*change.trailers, ("Gaia-Incident", incident.path), ("Gaia-Cause", incident.cause)),
    )
    return whole, release, made


def noted(releases: Releases, incident: Incident) -> Commit:
    """The change that writes an incident down as it is."""
    words = {"open": "Note an incident of", "parked": "Call somebody to"}
    facts = (*trailers("Gaia-Incident-Of", incident.place, incident.by), ("Gaia-Incident", incident.path))
    title = f"{words.get(incident.state, 'End the incident of')} {incident.place}: {incident.cause}"
    return releases.commit_of(title, {incident.path: incident.text}, "", facts)


def overtaken(place: Place, commit: str, by: str) -> Conflict:
    """The error where the release that is guarded is not the newest any more."""
    later = f": {by[:12]} is" if by else ""
    return Conflict(
        "release-overtaken",
        f"the release of {place} by commit {commit[:12]} is not the newest any more{later}",
        next_step=Next(
            "release guard",
            place.service,
            "Guard the newer one",
            options=("--tenant", place.tenant, "--stage", place.stage),
        ),
    )


def check_newest(incident: Incident, known: Sequence[Past]) -> None:
    """Refuse to go on where the newest release is neither what it is about nor what its last try brought back.

    Raises:
        Conflict: `release-overtaken`.
    """
    if known:
        newest, back = known[0], incident.tries[-1] if incident.tries else None
        if newest.back_to == back.back_to if back else newest.commit == incident.change:
            return
    raise overtaken(incident.place, incident.change, known[0].commit if known else "")
