"""gaia.kit.git with the real git."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import ToolFailed
from gaia.kit.git import Git

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.fixture
def git(tmp_path: Path, environ: Mapping[str, str]) -> Git:
    """An empty repository on branch `main`."""
    git = Git(tmp_path, environ)
    git("init", "--quiet", "--initial-branch=main")
    return git


def test_commits_are_made_in_gaias_name_whoever_runs_it(git: Git) -> None:
    """The user's name, mail, hooks and signing settings play no part."""
    (git.folder / "file").write_text("content")
    git("add", "file")
    git("commit", "--quiet", "-m", "One")
    assert git("log", "-1", "--format=%an <%ae> %cn") == "Gaia <gaia@localhost> Gaia"


def test_a_failure_carries_gits_own_words(git: Git) -> None:
    """The error says which command failed where, and why."""
    with pytest.raises(ToolFailed, match=r"git checkout failed in .*: .*no-such-branch") as caught:
        git("checkout", "no-such-branch")
    assert caught.value.code == "git-failed"


def test_an_attempt_returns_the_failure(git: Git) -> None:
    """For questions whose answer may be no."""
    assert git.attempt("rev-parse", "--verify", "HEAD").returncode != 0


def test_head_is_a_full_commit_id(git: Git) -> None:
    """Also of a branch or tag that is named."""
    git("commit", "--quiet", "--allow-empty", "-m", "One")
    assert len(git.head()) == 40
    assert git.head("main") == git.head()


def test_a_revision_cannot_be_an_option(git: Git) -> None:
    """A name that begins with a hyphen is a revision that does not exist."""
    git("commit", "--quiet", "--allow-empty", "-m", "One")
    with pytest.raises(ToolFailed):
        git.head("--all")


def test_clean_means_no_change_and_nothing_untracked(git: Git) -> None:
    """A new file is enough to make a work tree dirty."""
    assert git.is_clean()
    (git.folder / "file").write_text("content")
    assert not git.is_clean()


def test_standard_input_reaches_git(git: Git) -> None:
    """Objects can be written without a file."""
    assert git("hash-object", "-w", "--stdin", stdin=b"content") == "6b584e8ece562ebffc15d38808cd6b98fc3d97ea"
