"""gaia.kit.git with the real git."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gaia.errors import ToolFailed, Unavailable
from gaia.kit.git import Git
from gaia.kit.process import Completed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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


@pytest.fixture
def foreign(tmp_path: Path, environ: Mapping[str, str]) -> Path:
    """A repository with one commit that belongs to somebody else."""
    if os.getuid():
        pytest.skip("optional: only root can give a folder away")
    git = Git(tmp_path / 'of "another"', environ)
    git.folder.mkdir()
    git("init", "--quiet", "--initial-branch=main")
    git("commit", "--quiet", "--allow-empty", "-m", "One")
    for path in (git.folder, *git.folder.rglob("*")):
        os.chown(path, 4711, 4711)
    return git.folder


def trusting(environ: Mapping[str, str], config: Path, *folders: Path | str) -> dict[str, str]:
    """The environment of somebody who did what git advises."""
    for folder in folders:
        command = ["git", "config", "--file", str(config), "--add", "safe.directory", str(folder)]
        subprocess.run(command, check=True)
    return {**environ, "GIT_CONFIG_GLOBAL": str(config)}


def test_a_repository_of_another_owner_is_refused_with_gits_advice(
    foreign: Path, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """Who reads it and who fetches from it gets the same two commands, which a shell can run; no answer is guessed."""
    mine = Git(tmp_path / "mine", environ)
    mine.folder.mkdir()
    mine("init", "--quiet", "--bare")
    for act in (
        Git(foreign, environ).head,
        lambda: Git(foreign, environ).attempt("rev-parse", "HEAD"),
        lambda: mine.attempt("fetch", str(foreign), "main"),
    ):
        with pytest.raises(Unavailable) as caught:
            act()
        assert caught.value.code == "repository-untrusted"
        assert str(foreign) in caught.value.message
    config = {**environ, "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig")}
    subprocess.run(["sh", "-c", caught.value.next_step.partition(": ")[2]], check=True, env=config)
    mine = Git(mine.folder, config)
    mine("fetch", "--quiet", str(foreign), "main")
    assert mine.head("FETCH_HEAD") == Git(foreign, config).head()


@pytest.mark.parametrize("all_of_them", [True, False])
def test_what_the_user_trusts_git_trusts_for_gaia_too(
    foreign: Path, environ: Mapping[str, str], tmp_path: Path, all_of_them: bool
) -> None:
    """Git's own advice works: to look, to fetch and to push; and nothing else of the configuration holds."""
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n\tname = Eve\n[alias]\n\tlook = status\n")
    trusted = ["*"] if all_of_them else [foreign, foreign / ".git"]
    trust = trusting(environ, config, *trusted)
    assert len(Git(foreign, trust).head()) == 40
    mine = Git(tmp_path / "mine", trust)
    mine.folder.mkdir()
    mine("init", "--quiet", "--bare")
    mine("fetch", "--quiet", str(foreign), "main:main")
    mine("push", "--quiet", str(foreign), "main:other")
    assert Git(foreign, trust).head("other") == mine.head("main")
    assert Git(foreign, trust).attempt("look").returncode


def test_another_folder_in_the_list_does_not_help(foreign: Path, environ: Mapping[str, str], tmp_path: Path) -> None:
    """Nor does one that an empty entry has taken back, as git reads the list."""
    lists: tuple[tuple[Path | str, ...], ...] = ((tmp_path / "else",), ("*", ""))
    for number, folders in enumerate(lists):
        trust = trusting(environ, tmp_path / f"gitconfig{number}", *folders)
        with pytest.raises(Unavailable):
            Git(foreign, trust).head()


@dataclass(frozen=True, slots=True)
class Saying(Git):
    """A git that fails with these words."""

    words: str = ""

    def _run(self, arguments: Sequence[str], *, stdin: bytes | None, timeout: float, **more: str) -> Completed:
        del arguments, stdin, timeout, more
        return Completed(128, "", self.words)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (
            "fatal: unable to write loose object file: No space left on device\nfatal: unpack-objects failed\n",
            "disk-full",
        ),
        ("fatal: write error: Disk quota exceeded", "disk-full"),
        ("error: cannot open '.git/FETCH_HEAD': Read-only file system", "read-only"),
        ("remote: fatal: write error: No space left on device\nerror: failed to push some refs", None),
        ("fatal: bad revision 'x: No space left on device.'", None),
    ],
)
def test_a_disk_that_takes_nothing_is_said_as_one(tmp_path: Path, words: str, code: str | None) -> None:
    """Whatever was tried, where the disk is of this side; of the other side's it is git's to tell."""
    git = Saying(tmp_path, {}, words)
    if code is None:
        assert git.attempt("push").returncode == 128
        return
    for ask in (git, git.attempt):
        with pytest.raises(Unavailable) as caught:
            ask("fetch")
        assert caught.value.code == code
        assert str(tmp_path) in caught.value.message
