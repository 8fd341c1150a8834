"""What somebody proposes on a branch of the platform repository: the files that differ from where it began."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Invalid

if TYPE_CHECKING:
    from gaia.kit.git import Git
    from gaia.scaffold.source import Source

_FILES = frozenset({"000000", "100644"})
"""Modes of what a file may have been and become: there, or not; no link, no program."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A branch at one commit, and the last commit that it has in common with what is published."""

    commit: str
    base: str
    paths: tuple[str, ...]
    """Of the files that it adds, changes or deletes."""


def find_proposal(git: Git, source: Source, target: str, branch: str) -> Proposal:
    """Fetch a branch into a clone whose published branch is the ref `target`.

    Raises:
        NotFound: `branch-unknown`. Unavailable: `repository-unreachable`.
        Invalid: `proposal-not-files`. Conflict: `proposal-unrelated`.
    """
    source.fetch(git, target)
    tip = replace(source, branch=branch).fetch(git, f"refs/remotes/proposals/{branch}")
    common = git.attempt("merge-base", target, tip)
    if common.returncode:
        raise Conflict(
            "proposal-unrelated",
            f"the branch {branch} has nothing in common with {source.branch}",
            next_step=f"Make the branch from {source.branch}.",
        )
    base = common.stdout.strip()
    fields = git("diff-tree", "-r", "-z", "--no-renames", "--no-abbrev", base, tip).split("\0")
    changes = list(zip(fields[0::2], fields[1::2], strict=False))
    odd = [path for head, path in changes if not _FILES.issuperset(head.removeprefix(":").split(" ")[:2])]
    if odd:
        raise Invalid(
            "proposal-not-files",
            f"the branch {branch} has links or programs: {', '.join(odd[:5])}",
            next_step="Propose plain files.",
        )
    return Proposal(tip, base, tuple(path for _, path in changes))
