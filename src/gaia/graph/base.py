"""The other side of a comparison: a commit, read without touching the user's checkout, its index or its refs."""

from __future__ import annotations

import posixpath
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import NotFound
from gaia.kit.git import Git
from gaia.stacks.mainfile import main_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEFAULT = "refs/remotes/origin/HEAD"
"""Atmos's default; where there is no remote, the last commit is compared with."""


@dataclass(frozen=True, slots=True)
class Base:
    """Files as they were, and which differ now."""

    root: Path
    """The platform repository at that commit."""
    name: str
    """How the other side was asked for."""
    commit: str
    changed: frozenset[str]
    """Relative to the platform repository of today; files that git ignores do not count."""


@contextmanager
def at_ref(root: Path, ref: str | None, environ: Mapping[str, str]) -> Iterator[Base]:
    """The platform repository at `root` as it was at a commit (default: the remote's main branch, else HEAD).

    The files are in a temporary folder that is gone at the end.

    Raises:
        NotFound: `not-in-git`, `ref-unknown`, `base-without-repository`.
        ToolFailed: `git-failed`.
    """
    git = _git(root, environ)
    top = Path(git("rev-parse", "--show-toplevel"))
    name = ref or _default(git)
    commit = commit_of(git, name)
    git = Git(top, environ)
    listed = git("--no-optional-locks", "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", commit, "--")
    new = git("ls-files", "--others", "--exclude-standard", "-z")
    changed = frozenset(_relative(one, top, root) for one in (*listed.split("\0"), *new.split("\0")) if one)
    with _folder() as folder:
        _extract(git, commit, folder, environ)
        inside = posixpath.relpath(str(root.resolve()), str(top.resolve()))
        yield Base(_repository(folder / inside, _shown(name), inside), _shown(name), commit, changed)


@contextmanager
def at_path(root: Path, other: Path, environ: Mapping[str, str]) -> Iterator[Base]:
    """Another checkout of the same repository, as its files are now.

    Raises:
        NotFound: `not-in-git`, `base-without-repository`.
        ToolFailed: `git-failed`.
    """
    mine, theirs = _git(root, environ), _git(other, environ)
    tops = [Path(one("rev-parse", "--show-toplevel")) for one in (mine, theirs)]
    inside = posixpath.relpath(str(root.resolve()), str(tops[0].resolve()))
    listed = [_files(Git(top, environ)) for top in tops]
    changed = {
        one
        for one in listed[0] | listed[1]
        if one not in listed[0] or one not in listed[1] or not _same(tops[0] / one, tops[1] / one)
    }
    relative = frozenset(_relative(one, tops[0], root) for one in changed)
    yield Base(_repository(tops[1] / inside, str(other), inside), str(other), theirs.head(), relative)


def _git(root: Path, environ: Mapping[str, str]) -> Git:
    if root.is_dir():
        git = Git(root, environ)
        if git.attempt("rev-parse", "--show-toplevel").returncode == 0:
            return git
    raise NotFound(
        "not-in-git",
        f"{root} is not in a git repository, so there is nothing to compare with",
        next_step="Run this in a clone, or `git init` and commit.",
    )


def _default(git: Git) -> str:
    return DEFAULT if git.attempt("rev-parse", "--verify", "-q", DEFAULT).returncode == 0 else "HEAD"


def _repository(folder: Path, name: str, inside: str) -> Path:
    if main_file(folder) is None and not (folder / "stacks").is_dir():
        where = "" if inside == "." else f" in {inside}"
        raise NotFound(
            "base-without-repository",
            f"{name} has no platform repository{where}: neither atmos.yaml nor stacks",
            next_step="Compare with a later commit.",
        )
    return folder


def commit_of(git: Git, name: str) -> str:
    """The whole hash of the commit that a name is of.

    Raises:
        NotFound: `ref-unknown`.
    """
    done = git.attempt("rev-parse", "--verify", "-q", "--end-of-options", f"{name}^{{commit}}")
    if done.returncode:
        raise NotFound(
            "ref-unknown",
            f"git knows no commit {name!r} here",
            next_step="Fetch it first (`git fetch origin`), or name a branch, tag or commit that `git log` shows.",
        )
    return done.stdout.strip()


def _shown(name: str) -> str:
    return name.removeprefix("refs/heads/").removeprefix("refs/remotes/")


def _extract(git: Git, commit: str, folder: Path, environ: Mapping[str, str]) -> None:
    """Check a commit out into a repository of its own that borrows the objects of the user's."""
    objects = git("rev-parse", "--path-format=absolute", "--git-path", "objects")
    form = git("rev-parse", "--show-object-format")
    made = Git(folder, environ)
    made("init", "-q", "--template=", f"--object-format={form}")
    (folder / ".git/objects/info").mkdir(parents=True, exist_ok=True)
    (folder / ".git/objects/info/alternates").write_text(f"{objects}\n")
    made("-c", "advice.detachedHead=false", "checkout", "-q", "--detach", commit)


@contextmanager
def _folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="gaia-base-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _files(git: Git) -> set[str]:
    return {one for one in git("ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0") if one}


def _same(one: Path, other: Path) -> bool:
    try:
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return not one.is_file() and not other.is_file()


def _relative(path: str, top: Path, root: Path) -> str:
    return posixpath.relpath(str(top.resolve() / path), str(root.resolve()))
