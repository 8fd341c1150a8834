"""The commits that a pull request is about, found with git alone: nothing of either side is read or run for it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from gaia.errors import Conflict, NotFound
from gaia.graph.base import DEFAULT, commit_of
from gaia.kit.git import Git

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LEFT = (".terraform.lock.hcl", ".terraform.tfstate.lock.info")
"""Files that runs leave in a checkout; states too, and what is written for the pull request."""
_SHOWN = 5
_OF_A_MERGE = 2
BEFORE = "HEAD^1"
"""What a branch was before the merge that lies here, where CI does not say it."""
_UNNAMED = {
    DEFAULT: (
        "git does not know here which branch of the remote is the main one",
        "Name the base branch with --base, or have git ask for it: git remote set-head origin --auto",
    ),
    BEFORE: (
        "git knows nothing here that was before this commit, so not what it changed",
        "Fetch the whole history first: fetch-depth: 0, GIT_DEPTH: 0. What a branch began with nobody has reviewed.",
    ),
}
"""What is not there, and what to do, of bases that nobody has named."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Three commits."""

    base: str
    """Where the base branch stands: policies, waivers, budgets and owners are read from there, for nobody who begins a
    branch at an old commit gets its old rules."""
    fork_point: str
    """What base and head have in common: the change is what differs from it."""
    head: str
    """What is planned, and lies in the work tree."""


def sides_of(folder: Path, base: str, head: str, environ: Mapping[str, str], *, written: Path | None = None) -> Sides:
    """The commits of a pull request in the clone around `folder`. `written`: a folder whose files do not count.

    Raises:
        NotFound: `not-in-git`, `ref-unknown`. Conflict: `head-elsewhere`, `files-uncommitted`, `histories-apart`.
    """
    top = top_of(folder, environ)
    git = Git(top, environ)
    mine, theirs, here = commit_of(git, head), _base(git, base), commit_of(git, "HEAD")
    if mine != here:
        raise Conflict(
            "head-elsewhere",
            f"{head} is {mine[:12]}, but {here[:12]} is checked out, and what is planned are the files that lie here",
            next_step=f"Check {mine[:12]} out first.",
        )
    _check_clean(git, top, written)
    found = git.attempt("merge-base", theirs, mine)
    if found.returncode:
        raise Conflict(
            "histories-apart",
            f"git finds nothing that {base} and {head} have in common here",
            next_step="Fetch the whole history first: fetch-depth: 0 of actions/checkout, GIT_DEPTH: 0 of GitLab.",
        )
    return Sides(theirs, found.stdout.strip(), mine)


def _base(git: Git, name: str) -> str:
    try:
        return commit_of(git, name)
    except NotFound as error:
        if name not in _UNNAMED:
            raise
        message, step = _UNNAMED[name]
        raise NotFound("ref-unknown", message, next_step=step) from error


@dataclass(frozen=True, slots=True)
class Touched:
    """A file that differs between where a branch began and its head. Modes are git's, `000000` where it is not."""

    path: str
    was: str
    mode: str
    content: str
    """What git calls what it holds now."""


def touched_between(git: Git, sides: Sides) -> Iterator[Touched]:
    """What a pull request touches; of a file that was renamed both.

    By a command of git's that no configuration changes: a `.gitmodules` of the head could have submodules left out.
    """
    command = ("diff-tree", "-r", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none")
    said = git(*command, sides.fork_point, sides.head, "--").split("\0")
    for about, path in zip(said[::2], said[1::2], strict=False):
        was, mode, _, content, _ = about.removeprefix(":").split(" ")
        yield Touched(path, was, mode, content)


def files_between(folder: Path, sides: Sides, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The files that a pull request touches, by their paths in git."""
    return tuple(one.path for one in touched_between(Git(top_of(folder, environ), environ), sides))


def text_at(folder: Path, commit: str, paths: tuple[str, ...], environ: Mapping[str, str]) -> tuple[str, str]:
    """The first of these files that a commit has: its path and its text; two empty texts where it has none."""
    git = Git(top_of(folder, environ), environ)
    for path in paths:
        done = git.attempt("show", f"{commit}:{path}")
        if not done.returncode:
            return path, done.stdout
    return "", ""


def stands_for(folder: Path, sides: Sides, commit: str, environ: Mapping[str, str]) -> bool:
    """Whether the head is a commit, or what git makes of merging that into the base branch: of two parents the one is
    that commit, the other one is on the base branch, and the files are those of the merge and no others."""
    if sides.head == commit:
        return True
    git = Git(folder, environ)
    parents = git("rev-list", "--parents", "-n", "1", "--end-of-options", sides.head).split()[1:]
    if len(parents) != _OF_A_MERGE or commit not in parents:
        return False
    [other] = [one for one in parents if one != commit] or [commit]
    return is_ancestor(folder, other, sides.base, environ) and is_merged_tree(
        folder, other, commit, sides.head, environ
    )


def is_merged_tree(folder: Path, base: str, head: str, commit: str, environ: Mapping[str, str]) -> bool:
    """Whether the files of a commit are those that merging a head into a base gives, and no others."""
    git = Git(folder, environ)
    merged = git.attempt("merge-tree", "--write-tree", base, head)  # fails of one with conflicts, and of an old git
    tree = git("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}")
    return not merged.returncode and merged.stdout.strip() == tree


@contextmanager
def merged_tree(folder: Path, base: str, head: str, environ: Mapping[str, str]) -> Iterator[Path]:
    """Where `folder` is in what merging a head into a base gives: a commit in a work tree of its own, gone at the end.

    Raises:
        Conflict: `merge-conflict`, `head-unknown`. ToolFailed: `git-failed`.
    """
    top = top_of(folder, environ)
    git = Git(top, environ)
    for commit in (base, head):
        if git.attempt("cat-file", "-e", f"{commit}^{{commit}}").returncode:
            raise Conflict(
                "head-unknown",
                f"git does not know {commit[:12]} here: it was pushed meanwhile, or not all branches were fetched",
                next_step="Run the job again, with the whole history of all branches: fetch-depth: 0, GIT_DEPTH: 0.",
            )
    done = git.attempt("merge-tree", "--write-tree", base, head)
    if done.returncode == 1:
        raise Conflict(
            "merge-conflict",
            f"{head[:12]} cannot be merged into {base[:12]}: both change the same lines",
            next_step="Merge the base branch into the pull request's, and have that reviewed.",
        )
    tree = (done.stdout if not done.returncode else git("merge-tree", "--write-tree", base, head)).split("\n")[0]
    made = git("commit-tree", tree, "-p", base, "-p", head, "-m", f"Merge {head} into {base}")
    with TemporaryDirectory(prefix="gaia-merge-") as place:
        there = Path(place).resolve() / "tree"
        git("worktree", "add", "--quiet", "--detach", str(there), made)
        try:
            yield there / folder.resolve().relative_to(top.resolve())
        finally:
            git.attempt("worktree", "remove", "--force", str(there))


def is_ancestor(folder: Path, commit: str, of: str, environ: Mapping[str, str]) -> bool:
    """Whether a commit is one that another one has; false too where git knows either of them not."""
    done = Git(folder, environ).attempt("merge-base", "--is-ancestor", "--end-of-options", commit, of)
    return not done.returncode


def top_of(folder: Path, environ: Mapping[str, str]) -> Path:
    """The folder of the clone.

    Raises:
        NotFound: `not-in-git`.
    """
    done = Git(folder, environ).attempt("rev-parse", "--show-toplevel")
    if done.returncode:
        raise NotFound(
            "not-in-git",
            f"{folder} is not in a git repository, so there is nothing to compare with",
            next_step="Run this in a clone.",
        )
    return Path(done.stdout.removesuffix("\n"))


def _check_clean(git: Git, top: Path, written: Path | None) -> None:
    """What is reviewed is a commit, so nothing else may lie here."""
    changed = git("diff", "--name-only", "--no-ext-diff", "-z", "HEAD", "--").split("\0")
    new = [
        one
        for one in git("ls-files", "--others", "--exclude-standard", "-z").split("\0")
        if one and not _is_left(top / one, written)
    ]
    found = [one for one in (*changed, *new) if one]
    if found:
        some = ", ".join(found[:_SHOWN]) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
        raise Conflict(
            "files-uncommitted",
            f"what lies here is no commit: {some}",
            next_step="Commit them, have git ignore them, or take them away.",
            facts={"files": found},
        )


def _is_left(path: Path, written: Path | None) -> bool:
    if path.name in _LEFT or ".tfstate" in path.name:
        return True
    return written is not None and path.is_relative_to(written)
