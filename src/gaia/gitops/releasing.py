"""Releases as changes of the GitOps repository: made, shown, committed, promoted, listed."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Invalid, Next, NotFound, Refused
from gaia.gitops import argocd, files, gatekeeper, locks, namespaces, reading
from gaia.gitops.written import document
from gaia.kit import clock, yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gaia.gitops.layout import Layout
    from gaia.gitops.locks import Lock
    from gaia.gitops.model import Place, Release
    from gaia.gitops.repository import Repository
    from gaia.policy.rules import PolicySet

_FACT = re.compile(r"[\w][\w.@:/+-]{0,199}")
_SHORT = len("sha256:") + 12


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that may come to be."""

    title: str
    files: Mapping[str, str | None]
    """Contents by path, of those that change; None for one that goes."""
    difference: str
    trailers: tuple[tuple[str, str], ...] = ()
    image: str = ""
    notes: tuple[str, ...] = ()
    """What somebody should know who agrees to it."""

    @property
    def message(self) -> str:
        """Of the commit."""
        told = "".join(f"{name}: {value}\n" for name, value in self.trailers)
        return f"{self.title}\n" + (f"\n{told}" if told else "")

    @property
    def is_empty(self) -> bool:
        """Whether all of it is there already."""
        return not self.files


@dataclass(frozen=True, slots=True)
class Made:
    """A change that is there for all to see."""

    commit: str
    in_tree: bool
    """Whether the work tree, where there is one, has it too."""


class Releases:
    """What can be done in one repository, as it was when it was opened."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository

    @cached_property
    def layout(self) -> Layout:
        """What the repository says of itself.

        Raises:
            Conflict: `gitops-branch`. As `Repository.layout`.
        """
        found = self.repository.layout()
        if found.branch != self.repository.branch:
            raise Conflict(
                "gitops-branch",
                f"{self.repository.shown} is on {self.repository.branch}, and what is deployed is {found.branch}",
                next_step=f"Check {found.branch} out, then try again.",
            )
        return found

    @cached_property
    def listing(self) -> dict[str, str]:
        """Every file's id by its path."""
        return self.repository.listing()

    def read(
        self, content: bytes, file: str, *, image: str | None = None, outputs: Mapping[str, str] | None = None
    ) -> Release:
        """A release from its source, with another image or with outputs of the infrastructure.

        Raises:
            Invalid: as `reading.read`, `yaml-…`.
        """
        parsed = yaml.parse(content, file)
        if isinstance(parsed.value, dict) and (image or outputs):
            held = parsed.value | ({"image": image} if image else {})
            given = {**_texts(held.get("outputs")), **(outputs or {})}
            used = {name: given[name] for name in _named_in(held) if name in given}
            parsed = parsed.holding(held | ({"outputs": used} if used else {}))
        return reading.read(parsed, self.layout)

    def there(self, place: Place) -> Release | None:
        """The release in a place; None where nothing was released yet.

        Raises:
            Invalid: as `read`, and where the file speaks of another place.
        """
        path = f"{place.folder}/{reading.FILE}"
        if path not in self.listing:
            return None
        content = self.repository.contents([self.listing[path]])[self.listing[path]]
        return self.at(path, content)

    def at(self, path: str, content: str) -> Release:
        """The release in a file of the repository."""
        return self._placed(self.read(content.encode(), path), path)

    def _placed(self, found: Release, path: str) -> Release:
        if f"{found.place.folder}/{reading.FILE}" != path:
            raise Invalid(
                "release-misplaced",
                f"{path} is about {found.place}",
                next_step=f"Move it to {found.place.folder}, or correct its tenant, stage and service.",
            )
        return found

    def of_source(self, source: Mapping[str, object], place: Place, outputs: Mapping[str, str] | None) -> Release:
        """A release of a place from what it was made of before.

        Raises:
            Invalid: as `read`; `release-misplaced`.
        """
        path = f"{place.folder}/{reading.FILE}"
        return self._placed(self.read(document(source).encode(), path, outputs=outputs), path)

    def lock(self, place: Place) -> Lock | None:
        """The lock of a place; None where nobody locked it.

        Raises:
            Invalid: `release-lock-invalid`, `yaml-…`.
        """
        path = locks.path_of(place)
        if path not in self.listing:
            return None
        return locks.read(self.repository.contents([self.listing[path]])[self.listing[path]], path)

    def change(self, release: Release, *, request: str = "", template: str = "", promoted: str = "") -> Commit:
        """What a release would change.

        Raises:
            Refused: `release-frozen`. Conflict: `release-locked`. Invalid: `release-fact`, `release-lock-invalid`.
        """
        self._check_frozen(release.place.stage, clock.now())
        if lock := self.lock(release.place):
            raise locks.refused(release.place, lock)
        made = files.files_of(release, self.layout)
        place, image = release.place, release.image
        facts = (("Gaia-Request", request), ("Gaia-Template", template), ("Gaia-Promoted-From", promoted))
        trailers = [("Gaia-Release", f"{place.tenant}/{place.stage}/{place.service}"), ("Gaia-Image", str(image))]
        trailers += [(name, _fact(name, value)) for name, value in facts if value]
        title = f"Release {place}: {image.digest[:_SHORT]}"
        change = self.commit_of(title, made, f"{place.folder}/base/", tuple(trailers), str(image))
        return replace(change, notes=(f"It cannot be taken back: {release.one_way}",) if release.one_way else ())

    def promotion(self, place: Place) -> tuple[Commit, Release]:
        """The change that brings a service's image to the next stage, and the release that it makes.

        Raises:
            NotFound: `release-missing`. Conflict: `release-last-stage`, `release-stale`. As `change`.
        """
        to = self.layout.after(place.stage) if place.stage in self.layout.stages else None
        if to is None:
            raise Conflict(
                "release-last-stage",
                f"there is no stage behind {place.stage}",
                next_step=f"Stages are {', '.join(self.layout.stages)}, in this order.",
            )
        target = type(place)(place.tenant, to, place.service)
        source, before = self._released(place), self._released(target)
        if self.is_stale(source):
            raise Conflict(
                "release-stale",
                f"what is there of {place} is not what its release.yaml says, so nobody knows what was tried",
                next_step=Next("release make", f"{place.folder}/{reading.FILE}", "Release it anew"),
            )
        # Whether it can be taken back is the image's, wherever that runs.
        whole = {**before.source, "image": str(source.image), "one_way": source.one_way}
        after = self.of_source({name: value for name, value in whole.items() if value != ""}, target, None)
        return self.change(after, promoted=f"{place.tenant}/{place.stage}@{self.repository.base}"), after

    def preparation(self, policies: PolicySet | None = None) -> Commit:
        """What the layout asks for in clusters, of Argo CD, and of admission by the rules that are given.

        Raises:
            Invalid: as `gatekeeper.files_of`.
        """
        admission = gatekeeper.files_of(self.layout, policies)
        made = {**namespaces.files_of(self.layout), **argocd.files_of(self.layout), **admission}
        return self.commit_of("Prepare clusters and Argo CD for what the layout says", made, f"{gatekeeper.FOLDER}/")

    def is_stale(self, release: Release) -> bool:
        """Whether the files are not what the release is made into; the source itself is written as people like."""
        own = f"{release.place.folder}/{reading.FILE}"
        made = {path: blob_id(text) for path, text in files.files_of(release, self.layout).items() if path != own}
        base = f"{release.place.folder}/base/"
        there = {path: one for path, one in self.listing.items() if path in made or path.startswith(base)}
        return made != there

    def make(self, change: Commit) -> Made:
        """Commit a change, and make it the newest commit for everybody.

        Raises:
            As `Repository.publish`.
        """
        commit = self.repository.commit(change.files, change.message)
        return Made(commit, self.repository.publish(commit))

    def _released(self, place: Place) -> Release:
        found = self.there(place)
        if found is None:
            step = "Write one for this stage and release it; after that its image can be promoted"
            raise NotFound(
                "release-missing",
                f"there is no release of {place}",
                next_step=Next("release make", f"{place.service}-{place.stage}.yaml", step),
            )
        return found

    def _check_frozen(self, stage: str, now: datetime) -> None:
        freeze = self.layout.frozen(stage, now)
        if freeze:
            raise Refused(
                "release-frozen",
                f"nothing is released to {stage} until {clock.rfc3339(freeze.ends)}: {freeze.why}",
                next_step="Wait, or have the freeze taken out of gitops.yaml by somebody who may.",
            )

    def commit_of(
        self,
        title: str,
        made: Mapping[str, str],
        owned: str,
        trailers: tuple[tuple[str, str], ...] = (),
        image: str = "",
    ) -> Commit:
        """A change of these files; of those at or below `owned`, those go that are not made any more."""
        gone = [path for path in self.listing if owned and path.startswith(owned) and path not in made]
        changed: dict[str, str | None] = {
            path: text for path, text in made.items() if self.listing.get(path) != blob_id(text)
        }
        changed |= dict.fromkeys(gone)
        before = self.repository.contents(self.listing[path] for path in changed if path in self.listing)
        told = ""
        for path, text in sorted(changed.items()):
            old = before[self.listing[path]] if path in self.listing else ""
            told += _difference(path, old, text, is_new=path not in self.listing)
        return Commit(title, changed, told, trailers, image)


def blob_id(text: str) -> str:
    """Git's own id of a file with this content."""
    import hashlib

    content = text.encode()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _difference(path: str, before: str, after: str | None, *, is_new: bool) -> str:
    names = ("/dev/null" if is_new else f"a/{path}", "/dev/null" if after is None else f"b/{path}")
    lines = difflib.unified_diff(before.splitlines(), (after or "").splitlines(), *names, lineterm="")
    return "".join(f"{line}\n" for line in lines)


def _fact(name: str, value: str) -> str:
    if not _FACT.fullmatch(value):
        raise Invalid(
            "release-fact",
            f"{name} is {value[:60]!r}, which no line of a commit may hold",
            next_step="Use letters, digits and . _ @ : / + - without blanks.",
        )
    return value


def _texts(value: object) -> dict[str, str]:
    held = value if isinstance(value, dict) else {}
    return {name: one for name, one in held.items() if isinstance(one, str)}


def _named_in(held: Mapping[str, object]) -> list[str]:
    """Outputs that the variables name."""
    env = held.get("env")
    values = env.values() if isinstance(env, dict) else ()
    return [one["output"] for one in values if isinstance(one, dict) and isinstance(one.get("output"), str)]
