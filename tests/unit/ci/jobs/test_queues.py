"""Code of a fork in a merge queue: its own commit, and that of one which waits before it."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from tests.hosts.state import git

from gaia.ci.code.commits import Sides
from gaia.ci.hosts.host import Comment, PullRequest
from gaia.ci.jobs.event import Event
from gaia.ci.jobs.job import Job
from gaia.ci.jobs.queues import check_queue
from gaia.errors import GaiaError
from gaia.kit import clock

if TYPE_CHECKING:
    from pathlib import Path

ENVIRON = {"PATH": os.environ["PATH"]}


class Queue:
    """`main`, and the heads of two pull requests: 1 is a fork's, 2 is not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        git(folder, "init", "-q", "-b", "main")
        self.main = self.commit("CODEOWNERS", "* @ann\n")
        self.heads = {}
        for number in (1, 2):
            git(folder, "checkout", "-q", "--detach", self.main)
            self.heads[number] = self.commit(f"file{number}", "a")
        self.allowed: list[str] = []
        self.gitlab = False

    def commit(self, name: str, text: str) -> str:
        """On what is checked out."""
        (self.folder / name).write_text(text)
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-qm", name)
        return git(self.folder, "rev-parse", "HEAD")

    def queued(self, number: int, base: str, *, squash: bool = False, more: bool = False) -> str:
        """What the host makes of one, with its ref as a clone gets it."""
        git(self.folder, "checkout", "-q", "--detach", base)
        git(self.folder, "merge", "-q", *(["--squash"] if squash else ["--no-edit", "--no-ff"]), self.heads[number])
        if squash:
            git(self.folder, "commit", "-qm", "squashed")
        made = self.commit("evil", "x") if more else git(self.folder, "rev-parse", "HEAD")
        git(self.folder, "update-ref", f"refs/remotes/origin/gh-readonly-queue/main/pr-{number}-{base}", made)
        return made

    def check(self, number: int, base: str, commit: str) -> str:
        """The code of the refusal of a job about it; empty where there is none."""
        now = clock.now()
        said = [Comment("1", "ann", f"/gaia allow {one}", now, now, ours=False) for one in self.allowed]
        pulls = {
            one: PullRequest(one, "eve", "open", False, "main", head, None, one == 1)
            for one, head in self.heads.items()
        }
        host = SimpleNamespace(
            name="gitlab" if self.gitlab else "github", account="gaia", tip=lambda _: self.main,
            pull_request=pulls.__getitem__,
            comments=lambda asked: said if asked == 1 else [], may_write=lambda _: True,
            pull_requests_of=lambda commit: [one for one in pulls.values() if one.head == commit],
        )  # fmt: skip
        event = Event(number, queued=True)
        job = Job(self.folder, ENVIRON, cast("Any", None), cast("Any", None), event, cast("Any", host))
        try:
            check_queue(job, cast("Any", host), pulls[number], Sides(base, base, commit))
        except GaiaError as error:
            return error.code
        return ""


@pytest.fixture(name="queue")
def with_two(tmp_path: Path) -> Queue:
    """Nothing is allowed yet."""
    return Queue(tmp_path)


@pytest.mark.parametrize("gitlab", [False, True])
@pytest.mark.parametrize("squash", [False, True])
def test_an_allowed_head_goes_into_the_queue_as_it_is_and_no_other(queue: Queue, squash: bool, gitlab: bool) -> None:
    """However the host merges it; with a file more it is something that nobody has allowed."""
    queue.gitlab = gitlab
    made = queue.queued(1, queue.main, squash=squash)
    assert queue.check(1, queue.main, made) == "fork-not-allowed"
    queue.allowed.append(queue.heads[1])
    assert queue.check(1, queue.main, made) == ""
    git(queue.folder, "checkout", "-q", "--detach", made)
    git(queue.folder, "commit", "-q", "--amend", "--no-edit", "--allow-empty")
    (queue.folder / "evil").write_text("x")
    git(queue.folder, "add", "-A")
    git(queue.folder, "commit", "-q", "--amend", "--no-edit")
    assert queue.check(1, queue.main, git(queue.folder, "rev-parse", "HEAD")) == "queue-unlike"


def test_what_waits_before_it_is_asked_for_too(queue: Queue) -> None:
    """The commit has its code: allowed and as it is, or nothing is run; what nobody knows is refused."""
    before = queue.queued(1, queue.main)
    made = queue.queued(2, before)
    assert queue.check(2, before, made) == "fork-not-allowed"
    queue.allowed.append(queue.heads[1])
    assert queue.check(2, before, made) == ""
    other = queue.queued(1, queue.main, more=True)
    assert queue.check(2, other, queue.queued(2, other)) == "queue-unlike"
    git(queue.folder, "update-ref", "-d", f"refs/remotes/origin/gh-readonly-queue/main/pr-1-{queue.main}")
    assert queue.check(2, before, made) == "queue-unknown"
    assert queue.check(2, queue.main, queue.queued(2, queue.main)) == ""


def test_nobody_of_the_repository_itself_brings_a_forks_head_along(queue: Queue) -> None:
    """The host says that it is merged into the branch, and it has what nobody allowed: whoever it is of."""
    made = queue.queued(2, queue.queued(1, queue.main))
    assert queue.check(2, queue.main, made) == "queue-unlike"


def test_what_waits_before_it_in_a_merge_train_is_asked_for_too(queue: Queue) -> None:
    """GitLab names nobody of a train: who that is stands in its commits, each of which merges a head."""
    queue.gitlab = True
    before = queue.queued(1, queue.main)
    made = queue.queued(2, before)
    assert queue.check(2, before, made) == "fork-not-allowed"
    queue.allowed.append(queue.heads[1])
    assert queue.check(2, before, made) == ""
    other = queue.queued(1, queue.main, more=True)
    assert queue.check(2, other, queue.queued(2, other)) == "queue-unknown"


def test_a_forks_commit_that_looks_like_a_merge_of_somebody_elses_is_none(queue: Queue) -> None:
    """A train that rewrites nothing has it as it is: its parents are those of a good one, its files are not."""
    queue.gitlab = True
    git(queue.folder, "checkout", "-q", "--detach", queue.main)
    evil = queue.commit("evil", "x")
    tree, mine = git(queue.folder, "rev-parse", f"{evil}^{{tree}}"), queue.heads[2]
    forged = git(queue.folder, "commit-tree", tree, "-p", queue.main, "-p", mine, "-m", "x")
    queue.heads[1] = forged
    git(queue.folder, "checkout", "-q", "--detach", queue.main)
    queue.heads[2] = queue.commit("file3", "a")
    queue.heads[3] = mine
    assert queue.check(2, forged, queue.queued(2, forged)) == "queue-unknown"


@pytest.mark.parametrize("squash", [False, True])
def test_a_merge_train_of_which_nobody_can_be_told_is_refused(queue: Queue, squash: bool) -> None:
    """Squashed, or of a head that GitLab does not know any more; alone, or once that is merged, it is fine."""
    queue.gitlab = True
    before = queue.queued(1, queue.main, squash=squash)
    made = queue.queued(2, before, squash=squash)
    queue.allowed.append(queue.heads[1])
    assert queue.check(2, before, made) == ("queue-unknown" if squash else "")
    queue.heads[1] = queue.main
    assert queue.check(2, before, made) == "queue-unknown"
    assert queue.check(2, queue.main, queue.queued(2, queue.main, squash=squash)) == ""
    queue.main = before
    assert queue.check(2, before, made) == ""
    git(queue.folder, "checkout", "-q", "--detach", before)
    queue.heads[2] = queue.commit("file2", "a")
    two = queue.commit("file3", "a")
    queue.heads[2] = two
    assert queue.check(2, before, two) == ""
