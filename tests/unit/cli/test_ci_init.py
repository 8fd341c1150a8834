"""`gaia ci init`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from gaia.kit.git import Git

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia


@pytest.fixture(name="here")
def clone(gaia: Gaia) -> Gaia:
    """A clone of `acme/platform` at GitHub whose branch is called trunk there."""
    git = Git(gaia.settings.cwd, gaia.settings.environ)
    git("init", "-q", "-b", "trunk")
    git("remote", "add", "origin", "git@github.example.com:acme/platform.git")
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    return gaia


def test_what_the_remote_says_is_filled_in(here: Gaia) -> None:
    """Host, repository and main branch; asked again there is nothing to do."""
    first = here("ci", "init")
    assert first.code == 0
    assert first.out.count("is new") == 3
    caller = (here.settings.cwd / ".github/workflows/gaia.yml").read_text()
    assert "acme/platform/.github/workflows/gaia-job.yml@trunk" in caller
    again = here("ci", "init")
    assert again.out.count("is there") == 3
    assert "Commit them to trunk:" in first.out
    assert "Commit them" not in again.out


def test_without_the_remotes_word_it_is_main_or_what_is_checked_out(here: Gaia) -> None:
    """As after `git init` and `git fetch`, which do not note what the remote's main branch is."""
    git = Git(here.settings.cwd, here.settings.environ)
    git("symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
    assert "gaia-job.yml@trunk" in here("ci", "init", "--dry-run").out
    git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "--allow-empty", "-m", "a")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    assert "gaia-job.yml@main" in here("ci", "init", "--dry-run").out


def test_who_has_jobs_at_gitlab_is_told_what_to_add(here: Gaia) -> None:
    """The lines, and which stages they need: GitLab runs nothing where a job's stage is not listed."""
    (here.settings.cwd / ".gitlab-ci.yml").write_text("stages: [build]\n")
    said = here("ci", "init", "--host", "gitlab").out
    assert "  - local: .gitlab/gaia.yml" in said
    assert "test and deploy have to be among them" in said
    ours = (here.settings.cwd / ".gitlab/gaia.yml").read_text()
    assert set(re.findall(r"^  stage: (\w+)", ours, re.MULTILINE)) == {"test", "deploy"}


def test_a_dry_run_writes_nothing(here: Gaia) -> None:
    """It shows each file as a diff."""
    said = here("ci", "init", "--host", "gitlab", "--dry-run")
    assert "+gaia plan:" in said.out
    assert said.out.endswith("Nothing was written.\n")
    assert not (here.settings.cwd / ".gitlab").exists()


def test_a_changed_file_is_shown_and_left_alone(here: Gaia) -> None:
    """And nothing else is written."""
    path = here.settings.cwd / ".github/workflows/gaia.yml"
    path.parent.mkdir(parents=True)
    path.write_text("name: mine\n")
    assert here("ci", "init", "--dry-run").code == 0
    said = here("ci", "init")
    assert said.code == 6
    assert "somebody has changed .github/workflows/gaia.yml" in said.err
    assert not (here.settings.cwd / ".github/actions").exists()


def test_a_clone_that_says_nothing_needs_to_be_told(gaia: Gaia) -> None:
    """No remote: which host, and which repository."""
    Git(gaia.settings.cwd, gaia.settings.environ)("init", "-q")
    assert "--host github" in gaia("ci", "init").err
    assert gaia("ci", "init", "--host", "github").code == 2
    assert gaia("ci", "init", "--host", "github", "--project", "acme/platform").code == 0
