"""A merge queue's commit has code of every pull request that waits before it: that of a fork is asked for as elsewhere.

The host makes that commit, so it has to be what merging an allowed head gives, and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.ci.approvals.forks import check_allowed
from gaia.ci.approvals.needed import code_owners
from gaia.ci.code.commits import Sides, files_between, is_ancestor, is_merged_tree, top_of
from gaia.errors import Conflict
from gaia.kit.git import Git

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.ci.hosts.host import Host, PullRequest
    from gaia.ci.jobs.job import Job

_REFS = "refs/remotes/origin/gh-readonly-queue/"
_ENTRY = re.compile(r"([0-9a-f]{40,64}) .+/pr-(\d{1,18})-([0-9a-f]{40,64})")


@dataclass(frozen=True, slots=True)
class Entry:
    """A pull request in a queue."""

    number: int
    base: str
    """What it is merged into: the branch, or the commit of the one that waits before it."""
    commit: str
    """What that gives."""


def check_queue(job: Job, host: Host, pull: PullRequest, sides: Sides) -> None:
    """Raise unless each head in a queue's commit went into it as it is, and those of forks were allowed.

    Raises:
        Refused: `fork-not-allowed`. Conflict: `queue-unlike`, `queue-unknown`. GaiaError: what the host says.
    """
    tip = host.tip(pull.base_branch)
    found = _train(job, host, pull, sides, tip) if host.name == "gitlab" else _entries(job, pull, sides, tip)
    for entry in found:
        one = pull if entry.number == pull.number else host.pull_request(entry.number)
        if one.fork:
            rules = code_owners(job.folder, tip, job.environ, job.dialect)
            touched = files_between(job.folder, Sides(entry.base, entry.base, entry.commit), job.environ)
            check_allowed(host, one.number, one.head, rules, touched)
        if not is_merged_tree(job.folder, entry.base, one.head, entry.commit, job.environ):
            raise Conflict(
                "queue-unlike",
                f"{entry.commit[:12]} is not what merging {one.head[:12]} into {entry.base[:12]} gives",
                next_step="Take the pull request out of the queue, and put it in again.",
            )


def _entries(job: Job, pull: PullRequest, sides: Sides, tip: str) -> Iterator[Entry]:
    """The pull request itself, then those that wait before it, as far as they are not on the branch yet."""
    git = Git(top_of(job.folder, job.environ), job.environ)
    yield Entry(pull.number, sides.base, sides.head)
    listed = git("for-each-ref", "--format=%(objectname) %(refname)", f"{_REFS}{pull.base_branch}/")
    found = (_ENTRY.fullmatch(line) for line in listed.splitlines())
    known = {one[1]: Entry(int(one[2]), one[3], one[1]) for one in found if one is not None}
    at = sides.base
    while not is_ancestor(job.folder, at, tip, job.environ):
        entry = known.pop(at, None)
        if entry is None:
            raise Conflict(
                "queue-unknown",
                f"git does not know here what {at[:12]} is, which waits before it in the queue",
                next_step="Run the job again, with the whole history of all branches: fetch-depth: 0.",
            )
        yield entry
        at = entry.base


def _train(job: Job, host: Host, pull: PullRequest, sides: Sides, tip: str) -> Iterator[Entry]:
    """The same of a merge train, of whom that consists GitLab tells no job: its commits do, as far as each merges the
    head of a merge request that GitLab knows, and has those files. What was squashed or rebased is nobody's, so it is
    refused; where a project rewrites nothing a fork's own commit may stand there, and name whose head it likes."""
    if is_merged_tree(job.folder, tip, pull.head, sides.head, job.environ):  # of others there is nothing in it
        yield Entry(pull.number, tip, sides.head)
        return
    git = Git(top_of(job.folder, job.environ), job.environ)
    at = git.head(f"{sides.head}^1")
    yield Entry(pull.number, at, sides.head)
    while not is_ancestor(job.folder, at, tip, job.environ):
        first, *others = git("rev-list", "--parents", "-n", "1", "--end-of-options", at).split()[1:]
        merges = len(others) == 1 and is_merged_tree(job.folder, first, others[0], at, job.environ)
        known = [one.number for one in host.pull_requests_of(others[0]) if one.head == others[0]] if merges else []
        if not known:
            raise Conflict(
                "queue-unknown",
                f"GitLab does not say whose merge request {at[:12]} is of, which waits before it in the merge train: "
                "it may be code of a fork that nobody has allowed",
                next_step="Merge what waits before it first, then start the train anew; or have the project merge "
                "with a merge commit, without squashing.",
            )
        for number in known:
            yield Entry(number, first, at)
        at = first
