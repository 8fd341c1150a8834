"""Locks as changes of the GitOps repository: put in place, and taken away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.errors import NotFound
from gaia.gitops import locks, reading

if TYPE_CHECKING:
    from gaia.gitops.locks import Lock
    from gaia.gitops.model import Place
    from gaia.gitops.releasing import Commit, Releases

_WHO = re.compile(r"[\w][\w.@+-]{0,99}")


def lock(releases: Releases, place: Place, wanted: Lock) -> Commit:
    """The change that locks a place.

    Raises:
        Conflict: `release-locked`, by somebody else or for another reason. NotFound: `release-nowhere`.
        Invalid: `release-lock-invalid`.
    """
    _check_there(releases, place)
    there = releases.lock(place)
    if there and (there.who, there.why) != (wanted.who, wanted.why):
        raise locks.refused(place, there)
    made = {} if there else {locks.path_of(place): wanted.text}
    return releases.commit_of(f"Lock {place}: {wanted.why}", made, "", trailers("Gaia-Locked", place, wanted.who))


def unlock(releases: Releases, place: Place, who: str) -> Commit:
    """The change that takes a place's lock away, also one that nobody can read.

    Raises:
        NotFound: `release-nowhere`.
    """
    _check_there(releases, place)
    return releases.commit_of(f"Unlock {place}", {}, locks.path_of(place), trailers("Gaia-Unlocked", place, who))


def trailers(name: str, place: Place, who: str) -> tuple[tuple[str, str], ...]:
    """Lines of the commit's message; a name of a person that fits in none is left out."""
    by = (("Gaia-By", who),) if _WHO.fullmatch(who) else ()
    return ((name, f"{place.tenant}/{place.stage}/{place.service}"), *by)


def _check_there(releases: Releases, place: Place) -> None:
    """A lock of what is not released anywhere would be a name mistyped."""
    if f"{place.folder}/{reading.FILE}" not in releases.listing:
        raise NotFound(
            "release-nowhere",
            f"there is no release of {place}",
            next_step="Look at the names of the service, the tenant and the stage.",
        )
