"""A merge queue's commit has code of every pull request that waits before it: that of a fork is asked for as elsewhere.

The host makes that commit, so it has to be what merging an allowed head gives, and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.ci.commits import Sides, files_between, is_ancestor, is_merged_tree, top_of
from gaia.ci.forks import check_allowed
from gaia.ci.needed_approvals import code_owners
from gaia.errors import Conflict
from gaia.kit.git import Git

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.ci.hosts.host import Host, PullRequest
    from gaia.ci.job import Job

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
    """Raise unless each head of a fork in a queue's commit was allowed, and went into it as it is.

    Raises:
        Refused: `fork-not-allowed`. Conflict: `queue-unlike`, `queue-unknown`. GaiaError: what the host says.
    """
    tip = host.tip(pull.base_branch)
    for entry in _entries(job, pull, sides, tip):
        one = pull if entry.number == pull.number else host.pull_request(entry.number)
        if not one.fork:
            continue
        rules = code_owners(job.folder, tip, job.environ, gitlab=job.gitlab)
        touched = files_between(job.folder, Sides(entry.base, entry.base, entry.commit), job.environ)
        check_allowed(host, one.number, one.head, rules, touched)
        if not is_merged_tree(job.folder, entry.base, one.head, entry.commit, job.environ):
            raise Conflict(
                "queue-unlike",
                f"{entry.commit[:12]} is not what merging {one.head[:12]} of a fork into {entry.base[:12]} gives",
                next_step="Take the pull request out of the queue, and put it in again.",
            )


def _entries(job: Job, pull: PullRequest, sides: Sides, tip: str) -> Iterator[Entry]:
    """The pull request itself, then those that wait before it, as far as they are not on the branch yet."""
    git = Git(top_of(job.folder, job.environ), job.environ)
    if job.gitlab:  # of whom a train consists GitLab tells no job
        yield Entry(pull.number, git.head(f"{sides.head}^1"), sides.head)
        return
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
