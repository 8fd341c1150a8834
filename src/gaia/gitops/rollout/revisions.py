"""What a commit that Argo CD names is to a release: by git, for other services' releases come between."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from gaia.errors import GaiaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.gitops.model import Place
    from gaia.gitops.repository import Repository
    from gaia.gitops.rollout.model import Carried

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_AGAIN = 10.0
"""Seconds between two fetches for a commit that is not known."""


class Revisions:
    """Of one release, which came with `commit`."""

    def __init__(
        self, repository: Repository, place: Place, commit: str, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._repository, self._place, self._commit, self._now = repository, place, commit, now
        self._known: dict[str, Carried] = {}
        self._fetched = -_AGAIN
        self._files = self._built(commit)

    def carried(self, revision: str) -> Carried:
        """What it is; a commit that is not here is fetched."""
        if not _COMMIT.fullmatch(revision):
            return "unknown"
        if revision not in self._known and (found := self._of(revision)) != "unknown":
            self._known[revision] = found
        return self._known.get(revision, "unknown")

    def _of(self, revision: str) -> Carried:
        if not self._has(revision) and self._now() - self._fetched >= _AGAIN:
            self._fetched = self._now()
            try:
                self._repository.renewed()
            except GaiaError:
                return "unknown"  # for now: it is asked again
        if not self._has(revision):
            return "unknown"
        is_same = self._built(revision) == self._files
        later = self._repository.git.attempt("merge-base", "--is-ancestor", self._commit, revision)
        if later.returncode == 0:
            return "ours" if is_same else "overtaken"
        return "alike" if is_same else "before"

    def _has(self, revision: str) -> bool:
        return not self._repository.git.attempt("cat-file", "-e", f"{revision}^{{commit}}").returncode

    def _built(self, revision: str) -> str:
        """What kustomize reads there; nothing is applied of the other files."""
        words = (f"{revision}:{self._place.folder}/{name}" for name in ("base", "kustomization.yaml"))
        done = self._repository.git.attempt("rev-parse", "--verify", "--quiet", next(words))
        more = self._repository.git.attempt("rev-parse", "--verify", "--quiet", next(words))
        return f"{done.stdout}{more.stdout}"
