"""A release taken back: one commit with what a release before was made of, and a lock that holds what it was.

Nothing but the push makes it so: killed before, it is not there; after, it is, and the same again has nothing to do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict, GaiaError, Next, NotFound
from gaia.gitops import files, locks, reading
from gaia.gitops.locking import trailers
from gaia.gitops.locks import LONGEST, Lock
from gaia.gitops.model import FromSecret
from gaia.kit import clock, yaml
from gaia.kit.visible import cut, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.gitops.model import Place, Release
    from gaia.gitops.releasing import Commit, Releases

_MOST = 500
"""Releases that are looked back at."""
_LEAST = 7
"""Characters by which a commit is named."""
_SHORT = len("sha256:") + 12
_KEYS = ("Gaia-Release", "Gaia-Image", "Gaia-Rolled-Back-To")


@dataclass(frozen=True, slots=True)
class Past:
    """A release in the history of a place."""

    commit: str
    image: str
    back_to: str
    """The commit whose release it brought back, where it is a rollback."""

    @property
    def short(self) -> str:
        """The digest, as people see it."""
        return self.image.rpartition("@")[2][:_SHORT]


def past(releases: Releases, place: Place) -> list[Past]:
    """Releases of a place, the newest first."""
    form = "%x1e%H" + "".join(f"%x1f%(trailers:key={one},valueonly)" for one in _KEYS)
    path = f"{place.folder}/{reading.FILE}"
    words = ("log", f"--max-count={_MOST}", f"--format={form}", releases.repository.base, "--", path)
    found = []
    for entry in releases.repository.git(*words).split("\x1e")[1:]:
        commit, of, image, back_to = (part.strip() for part in entry.split("\x1f"))
        if of == f"{place.tenant}/{place.stage}/{place.service}":
            found.append(Past(commit, image, back_to))
    return found


def rollback(
    releases: Releases, place: Place, who: str, *, to: str = "", outputs: Mapping[str, str] | None = None
) -> tuple[Commit, Release]:
    """The change that brings a release before back, and what it makes; an empty one where that was done.

    Raises:
        NotFound: `release-nowhere`, `release-unknown`. Conflict: `release-first`, `release-one-way`.
        Invalid: as `reading.read`, where what it was made of is not possible any more: an output is gone, a domain.
    """
    known = past(releases, place)
    if not known:
        raise NotFound(
            "release-nowhere",
            f"there is no release of {place}",
            next_step="Look at the names of the service, the tenant and the stage.",
        )
    now, lock = known[0], releases.lock(place)
    if lock and lock.held and not to and now.back_to:
        return _done(releases, place)
    target = _named(known, to, place) if to else before(known, place)
    if target.commit == now.commit or (to and now.back_to == target.commit):
        return _done(releases, place)
    gone = known[: known.index(target)]
    _check_two_ways(releases, place, gone)
    release = _read(releases, place, target, outputs)
    why = f"rolled back from {now.short}" + (f"; before that: {lock.why}" if lock else "")
    held = Lock(who, cut(why, LONGEST), clock.now(), now.image)
    made = {**files.files_of(release, releases.layout), locks.path_of(place): held.text}
    facts = (
        *trailers("Gaia-Release", place, who),
        ("Gaia-Image", str(release.image)),
        ("Gaia-Rolled-Back-From", now.commit),
        ("Gaia-Rolled-Back-To", target.commit),
        ("Gaia-Held", now.image),
    )
    title = f"Roll back {place}: {target.short}"
    change = releases.commit_of(title, made, f"{place.folder}/base/", facts, str(release.image))
    return replace(change, notes=_notes(releases, place, now, release)), release


def _done(releases: Releases, place: Place) -> tuple[Commit, Release]:
    release = releases.there(place)
    assert release is not None  # noqa: S101  it has a history
    title = f"Roll back {place}: {release.image.digest[:_SHORT]}"
    return releases.commit_of(title, {}, ""), release


def before(known: Sequence[Past], place: Place) -> Past:
    """The release before what is there; before a rollback, it is the one before what that brought back.

    Raises:
        Conflict: `release-first`.
    """
    at = 0
    while known[at].back_to:
        found = next((n for n, one in enumerate(known) if one.commit == known[at].back_to), at)
        if found <= at:
            break
        at = found
    if at + 1 == len(known):
        raise Conflict(
            "release-first",
            f"there is no release of {place} before {known[at].short}",
            next_step="Repair what is wrong with it, and release it anew.",
        )
    return known[at + 1]


def _named(known: Sequence[Past], to: str, place: Place) -> Past:
    """By the beginning of its commit or of its digest; of several with one digest, the newest."""
    wanted = to.removeprefix("sha256:")
    fit = [one for one in known if len(wanted) >= _LEAST and one.commit.startswith(to)]
    fit += [one for one in known if len(wanted) >= _LEAST and one.image.rpartition("sha256:")[2].startswith(wanted)]
    if len({one.image for one in fit}) != 1:
        listed = ", ".join(f"{one.commit[:12]} ({one.short})" for one in known[:5])
        raise NotFound(
            "release-unknown",
            f"{visible(cut(to, 80))!r} names {'several releases' if fit else 'no release'} of {place}",
            next_step=f"Name one by the beginning of its commit or digest. The newest are {listed}.",
        )
    return fit[0]


def _check_two_ways(releases: Releases, place: Place, gone: Sequence[Past]) -> None:
    for one in gone:
        said = _source(releases, place, one).get("one_way")
        if isinstance(said, str) and said:
            raise Conflict(
                "release-one-way",
                f"{place} cannot be taken back from {one.short}: {visible(said)}",
                next_step=Next("release make", f"{place.folder}/{reading.FILE}", "Release what repairs it instead"),
            )


def _source(releases: Releases, place: Place, one: Past) -> Mapping[str, object]:
    path = f"{place.folder}/{reading.FILE}"
    text = replace(releases.repository, base=one.commit).text(path) or ""
    held = yaml.parse(text.encode(), path).value
    return held if isinstance(held, dict) else {}


def _read(releases: Releases, place: Place, target: Past, outputs: Mapping[str, str] | None) -> Release:
    """What it was made of, read by what holds today; with outputs of today, none of then counts."""
    source = dict(_source(releases, place, target))
    if outputs is not None:
        source.pop("outputs", None)
    return releases.of_source(source, place, outputs)


def _notes(releases: Releases, place: Place, now: Past, release: Release) -> tuple[str, ...]:
    """Secrets that only the release before needs may be gone; nobody here can look."""
    try:
        running = _keys(releases.of_source(dict(_source(releases, place, now)), place, None))
    except GaiaError:
        running = frozenset()
    return tuple(
        f"It needs the secret {key}, which what is released now does not: look whether that is still there."
        for key in sorted(_keys(release) - running)
    )


def _keys(release: Release) -> frozenset[str]:
    return frozenset(one.key for one in release.env.values() if isinstance(one, FromSecret))
