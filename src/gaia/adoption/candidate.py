"""What git and Atmos say of a folder that is to be adopted. Nothing is changed in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Invalid, NotFound
from gaia.kit.files import real_path
from gaia.kit.git import Git, is_path

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Candidate:
    """A checkout that can be adopted."""

    folder: Path
    source: str
    """The remote that its branch follows, as git names it; the folder itself where there is none."""
    branch: str
    """As the source calls it."""
    stacks: int
    takes_no_push: bool
    """Whether it is its own source, and git would refuse to publish to a branch that is checked out."""


def read(folder: Path, environ: Mapping[str, str]) -> Candidate:
    """The nearest Atmos repository at or above `folder`.

    Raises:
        NotFound: `not-a-repository`, `not-in-git`, `stacks-missing`.
        Invalid: `main-file-ambiguous`, `repository-in-folder`, `branch-invalid`.
        Conflict: `commit-missing`, `head-detached`, `configuration-not-committed`, `remote-ambiguous`.
        GaiaError: what reading the configuration and the names of the stacks raises.
    """
    from gaia.scaffold.clone import check_branch

    root, main = _root(folder)
    git = Git(root, {**environ, "LC_ALL": "C"})
    _check_top(git)
    branch = _branch(git)
    if git.attempt("cat-file", "-e", f"HEAD:{main}").returncode:
        raise Conflict(
            "configuration-not-committed",
            f"{root / main} is not in the last commit, and requests act on what is committed",
            next_step="Commit it.",
        )
    stacks = _stacks(root)
    source, followed = _source(git, branch)
    check_branch(followed)
    closed = source == str(root) and git.attempt("config", "receive.denyCurrentBranch").stdout.strip() not in _OPEN
    return Candidate(root, source, followed, stacks, closed)


_OPEN = ("updateInstead", "ignore", "warn", "false")
"""Values of git's `receive.denyCurrentBranch` with which a branch that is checked out takes a push."""


def _root(folder: Path) -> tuple[Path, str]:
    from gaia.stacks.mainfile import NAMES, root_near

    root = root_near(folder) if folder.is_dir() else None
    if root is None:
        raise NotFound(
            "not-a-repository",
            f"{folder} is in no Atmos repository: no atmos.yaml is there or above it",
            next_step="Give the folder that holds the repository's atmos.yaml.",
        )
    first, *others = [name for name in NAMES if (root / name).is_file()]
    if others:
        raise Invalid(
            "main-file-ambiguous",
            f"{root} has {' and '.join((first, *others))}, and Atmos reads one of them only",
            next_step="Keep one of them.",
        )
    return real_path(root), first


def _check_top(git: Git) -> None:
    done = git.attempt("rev-parse", "--show-toplevel")
    if done.returncode:
        raise NotFound(
            "not-in-git",
            f"{git.folder} is in no git repository, and requests are commits",
            next_step=f"Run `git init` in {git.folder} and commit what is there.",
        )
    top = real_path(Path(done.stdout.removesuffix("\n")))
    if top != git.folder:
        raise Invalid(
            "repository-in-folder",
            f"{git.folder} lies inside of the git repository {top}; only one whose atmos.yaml is at the top of its git "
            "repository can be registered",
            next_step="Work on it without registering it: plan, apply and all that needs no request.",
        )


def _branch(git: Git) -> str:
    if git.attempt("rev-parse", "--verify", "--quiet", "HEAD^{commit}").returncode:
        raise Conflict(
            "commit-missing", f"{git.folder} has no commit yet", next_step="Commit what is there, then adopt it."
        )
    done = git.attempt("symbolic-ref", "--short", "--quiet", "HEAD")
    if done.returncode:
        raise Conflict(
            "head-detached",
            f"no branch is checked out in {git.folder}, and requests are published to one",
            next_step="Check out the branch that they are to be published to: `git switch BRANCH`.",
        )
    return done.stdout.strip()


def _stacks(root: Path) -> int:
    from gaia.stacks.repository import Repository

    number = len(Repository.open(root, environ={}, untrusted=True).stacks)
    if not number:
        raise NotFound(
            "stacks-missing",
            f"{root} has no stack: stacks.included_paths of its configuration select none",
            next_step="Look at stacks.base_path and stacks.included_paths in it.",
        )
    return number


def _source(git: Git, branch: str) -> tuple[str, str]:
    """The remote's URL and what the branch is called there: what it follows, else origin, else the only remote."""
    followed = git.attempt("config", f"branch.{branch}.remote").stdout.strip()
    remotes = git("remote").splitlines()
    if followed in remotes:
        merged = git.attempt("config", f"branch.{branch}.merge").stdout.strip()
        return _url(git, followed), merged.removeprefix("refs/heads/") or branch
    if "origin" in remotes or len(remotes) == 1:
        return _url(git, "origin" if "origin" in remotes else remotes[0]), branch
    if remotes:
        raise Conflict(
            "remote-ambiguous",
            f"{git.folder} has the remotes {', '.join(remotes)}, and its branch {branch} follows none of them",
            next_step=f"Say which one: `git branch --set-upstream-to=REMOTE/{branch}`.",
        )
    return str(git.folder), branch


def _url(git: Git, remote: str) -> str:
    """As git resolves it; a path is taken from the checkout, whoever uses it later."""
    url = git("remote", "get-url", remote)
    return str(real_path(git.folder / url)) if is_path(url) else url
