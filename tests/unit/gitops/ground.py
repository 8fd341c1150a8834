"""A remote and a clone of it, with a layout in the first commit: where releases are tried."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.unit.gitops.conftest import LAYOUT, LEAST

from gaia.gitops.model import Place
from gaia.gitops.releasing import Commit, Releases
from gaia.gitops.repository import open_repository
from gaia.gitops.written import document
from gaia.kit.git import Git

if TYPE_CHECKING:
    from pathlib import Path

PHOTOS = Place("acme", "dev", "photos")


@dataclass(frozen=True)
class Ground:
    """A remote, and a clone of it."""

    folder: Path

    @property
    def clone(self) -> Git:
        """The clone."""
        return Git(self.folder / "clone", os.environ)

    @property
    def remote(self) -> Git:
        """The remote."""
        return Git(self.folder / "remote.git", os.environ)

    def open(self, place: str = "clone") -> Releases:
        """The repository, by the clone or by the remote."""
        return Releases(open_repository(place, self.folder, os.environ, self.folder / "cache"))

    def change(self, place: str = "clone", **changed: object) -> tuple[Releases, Commit]:
        """A release of photos, not made yet."""
        found = self.open(place)
        return found, found.change(found.read(document(LEAST | changed).encode(), "photos.yaml"), request="req_1")

    def make(self, place: str = "clone", **changed: object) -> str:
        """Make one; its commit."""
        found, change = self.change(place, **changed)
        return found.make(change).commit

    def write(self, path: str, text: str) -> None:
        """Somebody commits a file in the clone, and pushes."""
        (self.clone.folder / path).write_text(text)
        self.clone("add", "-A")
        self.clone("commit", "-q", "-m", f"change {path}")
        self.clone("push", "-q")


def made_at(tmp_path: Path) -> Ground:
    """A repository with a layout in its first commit."""
    ground = Ground(tmp_path)
    for name in ("remote.git", "clone"):
        (tmp_path / name).mkdir()
    ground.remote("init", "-q", "--bare", "-b", "main")
    ground.clone("init", "-q", "-b", "main")
    (ground.clone.folder / "gitops.yaml").write_text(document(LAYOUT))
    for words in (
        ("add", "-A"),
        ("commit", "-q", "-m", "first"),
        ("remote", "add", "origin", "../remote.git"),
        ("push", "-q", "-u", "origin", "main"),
    ):
        ground.clone(*words)
    return ground
