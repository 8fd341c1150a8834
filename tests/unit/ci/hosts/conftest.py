"""A host of each kind with one pull request, and Gaia's adapter to it in the name of a job."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from tests.hosts.hosted import Hosted
from tests.hosts.state import git

from gaia.ci.hosts.choosing import host_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hosts.hosted import Kind

    from gaia.ci.hosts.host import Host


@dataclass
class At:
    """One pull request, opened from the branch `change` of a clone."""

    hosted: Hosted
    clone: Path
    number: int
    waited: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def host(self, **environ: str) -> Host:
        """A new adapter, as each job has one; its waits take no time."""
        given = self.hosted.environ(self.number) | environ
        return host_of(given, tell=self.told.append, wait=self.waited.append)

    def push(self, text: str, branch: str = "change") -> str:
        """One more commit on a branch."""
        if branch in git(self.clone, "branch", "-r", "--format=%(refname:lstrip=3)").split():
            git(self.clone, "checkout", "-q", branch)
        else:
            git(self.clone, "checkout", "-q", "-b", branch)
        (self.clone / "file").write_text(text)
        git(self.clone, "add", "-A")
        git(self.clone, "commit", "-qm", text)
        git(self.clone, "push", "-q", "--force", "origin", branch)
        return git(self.clone, "rev-parse", "HEAD")


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare repository with the branches `main` and `change`, made once: a host begins with a copy of it."""
    folder = tmp_path_factory.mktemp("seed")
    with Hosted(folder) as hosted:
        at = At(hosted, hosted.clone(), 0)
        at.push("first", "main")
        at.push("second")
        return hosted.remote


def made(folder: Path, kind: Kind, seed: Path) -> Iterator[At]:
    """A host with it."""
    with Hosted(folder, kind, seed=seed) as hosted:
        clone = hosted.clone()
        yield At(hosted, clone, hosted.open_pull_request("change"))


@pytest.fixture(params=["github", "gitlab"])
def at(request: pytest.FixtureRequest, tmp_path: Path, seed: Path) -> Iterator[At]:
    """Both, one after the other."""
    yield from made(tmp_path, request.param, seed)


@pytest.fixture
def github(tmp_path: Path, seed: Path) -> Iterator[At]:
    """GitHub alone."""
    yield from made(tmp_path, "github", seed)


@pytest.fixture
def gitlab(tmp_path: Path, seed: Path) -> Iterator[At]:
    """GitLab alone."""
    yield from made(tmp_path, "gitlab", seed)
