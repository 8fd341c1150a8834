"""What a host knows: one repository in real git, its forks, pull requests, reviews, comments, issues and people.

Its clock moves by a second at each thing that happens, so that the order of things is the order of their times.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

Verdict = Literal["approved", "changes-requested", "commented", "dismissed"]
Way = Literal["merge", "squash", "rebase"]
ZERO = "0" * 40


def git(folder: Path, *words: str) -> str:
    """`git WORDS` in a folder, as somebody without a configuration of her own: what it prints."""
    told = {
        "GIT_AUTHOR_NAME": "Dana", "GIT_AUTHOR_EMAIL": "dana@example.com",
        "GIT_COMMITTER_NAME": "Dana", "GIT_COMMITTER_EMAIL": "dana@example.com",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"], "HOME": str(folder),
    }  # fmt: skip
    done = subprocess.run(["git", *words], cwd=folder, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {' '.join(words)}: {done.stderr or done.stdout}"
    return done.stdout.removesuffix("\n")


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    id: int
    login: str
    writes: bool
    is_bot: bool = False


@dataclass
class Reviewed:
    """A review, as it was given; a dismissal changes it."""

    id: int
    who: str
    verdict: Verdict
    commit: str
    at: datetime


@dataclass
class Said:
    """A comment, or a note that the host itself wrote."""

    id: int
    who: str
    text: str
    at: datetime
    changed: datetime
    system: bool = False


@dataclass
class Version:
    """Where the head stood, since when."""

    head: str
    base: str
    start: str
    at: datetime


@dataclass
class Pull:
    """A pull request."""

    number: int
    title: str
    author: str
    branch: str
    base_branch: str
    fork: str | None
    draft: bool
    at: datetime
    versions: list[Version] = field(default_factory=list)
    reviews: list[Reviewed] = field(default_factory=list)
    approvers: set[str] = field(default_factory=set)
    said: list[Said] = field(default_factory=list)
    closed: bool = False
    merged: str | None = None
    squashed: bool = False

    @property
    def head(self) -> str:
        """The commit of the newest version."""
        return self.versions[-1].head


@dataclass
class Issue:
    """An issue."""

    number: int
    title: str
    text: str
    who: str
    at: datetime
    changed: datetime
    closed: bool = False


@dataclass(frozen=True)
class Status:
    """What was said at a commit."""

    commit: str
    name: str
    state: str
    text: str
    url: str


class Repository:
    """The repository `acme/platform`."""

    def __init__(self, folder: Path, seed: Path | None = None) -> None:
        self.folder = folder
        self.owner, self.name = "acme", "platform"
        self.now = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
        self.people: dict[str, Person] = {}
        self.teams: dict[str, tuple[str, ...]] = {}
        self.pulls: dict[int, Pull] = {}
        self.issues: dict[int, Issue] = {}
        self.statuses: list[Status] = []
        self.forks: dict[str, Path] = {}
        self.reset_approvals_on_push = False
        """Whether a push takes back the approvals that GitLab counts."""
        self._ids, self._numbers = 1000, 0
        self.bare = folder / "platform.git"
        if seed is None:
            self.bare.mkdir(parents=True)
            git(self.bare, "init", "-q", "--bare", "-b", "main")
        else:
            shutil.copytree(seed, self.bare)

    def tick(self, seconds: int = 1) -> datetime:
        """Let time go by."""
        self.now += timedelta(seconds=seconds)
        return self.now

    def new_id(self) -> int:
        """An id that nothing else has."""
        self._ids += 1
        return self._ids

    def new_number(self) -> int:
        """Of a pull request or an issue."""
        self._numbers += 1
        return self._numbers

    def person(self, login: str, *, writes: bool = True, bot: bool = False) -> Person:
        """Somebody by name, made with this right if there is nobody of that name."""
        return self.people.setdefault(login, Person(self.new_id(), login, writes, bot))

    def tip(self, branch: str, fork: str | None = None) -> str:
        """The commit of a branch."""
        where = self.forks[fork] if fork else self.bare
        return git(where, "rev-parse", "--verify", f"refs/heads/{branch}^{{commit}}")

    def fork(self, owner: str) -> Path:
        """A bare copy that somebody without rights may push to."""
        if owner not in self.forks:
            self.person(owner, writes=False)
            made = self.folder / f"fork-{owner}.git"
            git(self.folder, "clone", "-q", "--bare", str(self.bare), str(made))
            self.forks[owner] = made
        return self.forks[owner]

    def look(self, pull: Pull) -> None:
        """Take over what was pushed since the last look, as a host does at a push."""
        if pull.merged or pull.closed:
            return
        where = self.forks[pull.fork] if pull.fork else self.bare
        git(self.bare, "fetch", "-q", str(where), f"+refs/heads/{pull.branch}:refs/pull/{pull.number}/head")
        head = git(self.bare, "rev-parse", f"refs/pull/{pull.number}/head")
        git(self.bare, "update-ref", f"refs/merge-requests/{pull.number}/head", head)
        if pull.versions and pull.head == head:
            return
        start = self.tip(pull.base_branch)
        pull.versions.append(Version(head, git(self.bare, "merge-base", start, head), start, self.tick()))
        if self.reset_approvals_on_push:
            pull.approvers.clear()

    def find(self, number: int) -> Pull | None:
        """A pull request as it is now."""
        pull = self.pulls.get(number)
        if pull is not None:
            self.look(pull)
        return pull

    def containing(self, commit: str) -> list[Pull]:
        """The pull requests that a commit belongs to."""
        found = []
        for pull in self.pulls.values():
            self.look(pull)
            since = pull.versions[-1].start
            of_head = git(self.bare, "rev-list", f"{since}..{pull.head}").splitlines()
            if commit == pull.merged or commit in of_head:
                found.append(pull)
        return found

    def commits_of(self, pull: Pull) -> list[tuple[str, str]]:
        """What a pull request brings, each with whose it is: an address `NAME@example.com` belongs to `NAME`."""
        since = pull.versions[-1].start
        lines = git(self.bare, "log", "--format=%H %ae", f"{since}..{pull.head}").splitlines()
        return [(line.split()[0], line.split()[1].partition("@")[0]) for line in lines]

    def has(self, commit: str) -> bool:
        """Whether there is such a commit."""
        return not subprocess.run(
            ["git", "cat-file", "-e", f"{commit}^{{commit}}"], cwd=self.bare, capture_output=True, check=False
        ).returncode

    def merge_commit(self, base: str, head: str, text: str, *, way: Way = "merge") -> str:
        """What a merge makes, not on any branch yet."""
        if way == "rebase":
            copy = self.folder / f"rebased-{self.new_id()}"
            git(self.bare, "worktree", "add", "-q", "--detach", str(copy), base)
            git(copy, "cherry-pick", "--allow-empty", f"{base}..{head}")
            made = git(copy, "rev-parse", "HEAD")
            git(self.bare, "worktree", "remove", "--force", str(copy))
            return made
        tree = git(self.bare, "merge-tree", "--write-tree", base, head).splitlines()[0]
        parents = ["-p", base] if way == "squash" else ["-p", base, "-p", head]
        return git(self.bare, "commit-tree", tree, *parents, "-m", text)
