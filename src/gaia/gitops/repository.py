"""The GitOps repository: a clone that lies here, or a remote of which a copy is kept.

Commits are made beside the work tree and come into being by one push: it is that or nothing, whenever somebody is
killed. Nothing is ever pushed by force, so of two releases at once the second is told.
"""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Invalid, NotFound
from gaia.gitops import layout as layouts
from gaia.gitops.pushing import FETCHED, push_failed, unreachable
from gaia.kit import clock, yaml
from gaia.kit.files import in_turn, make_private
from gaia.kit.git import Git, is_path, without_password

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gaia.gitops.layout import Layout

_NETWORK = 300.0
"""Seconds for what goes over a network."""


@dataclass(frozen=True, slots=True)
class Repository:
    """At one commit, which the next one stands on."""

    git: Git
    shown: str
    """Where it is, for people."""
    branch: str
    base: str
    remote: str = ""
    """What is pushed to; empty for a work tree without one."""
    has_tree: bool = True

    def listing(self, folder: str = "") -> dict[str, str]:
        """The id of each regular file below, by its path; links are none."""
        words = ["ls-tree", "-r", "-z", self.base, *(["--", folder] if folder else [])]
        found = {}
        for line in self.git(*words).split("\0"):
            if line.startswith("100"):
                about, _, path = line.partition("\t")
                found[path] = about.split()[2]
        return found

    def contents(self, ids: Iterable[str]) -> dict[str, str]:
        """Texts by id, of one call.

        Raises:
            Invalid: `gitops-binary`.
        """
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        done = self.git.attempt("cat-file", "--batch", stdin="".join(f"{one}\n" for one in wanted).encode())
        told, found, at = done.stdout.encode(), {}, 0
        for one in wanted:
            end = told.find(b"\n", at)
            header = told[at:end].split()
            if header[:2] != [one.encode(), b"blob"]:
                raise Invalid(
                    "gitops-binary",
                    f"a file of {self.shown} is not UTF-8 text",
                    next_step="Save what lies in it as UTF-8 text.",
                )
            size = int(header[2])
            found[one] = told[end + 1 : end + 1 + size].decode("utf-8", "replace")
            at = end + size + 2
        return found

    def text(self, path: str) -> str | None:
        """One file; None where there is none."""
        listed = self.listing(path)
        return self.contents([listed[path]])[listed[path]] if path in listed else None

    def layout(self) -> Layout:
        """What the repository says of itself.

        Raises:
            NotFound: `gitops-missing`. Invalid: `gitops-invalid`, `yaml-…`.
        """
        said = self.text(layouts.FILE)
        if said is None:
            raise _no_repository(f"{self.shown} has no {layouts.FILE} in its newest commit of {self.branch}")
        return layouts.read(yaml.parse(said.encode(), layouts.FILE))

    def commit(self, files: Mapping[str, str | None], message: str) -> str:
        """A commit on the base, of which nobody knows yet; None takes a file out."""
        now = int(clock.now().timestamp())
        parts = [f"commit {_draft()}\nmark :1\ncommitter Gaia <gaia@localhost> {now} +0000\n".encode(), _data(message)]
        parts.append(f"from {self.base}\n".encode())
        for path, content in files.items():
            if content is None:
                parts.append(f"D {_quoted(path)}\n".encode())
            else:
                parts += [f"M 100644 inline {_quoted(path)}\n".encode(), _data(content)]
        parts.append(b"\nget-mark :1\ndone\n")
        # The reference may be one that a killed release left: --force is about that one, and no branch.
        return self.git("fast-import", "--quiet", "--force", "--done", stdin=b"".join(parts)).strip()

    def renewed(self) -> Repository:
        """The same with all that was pushed since.

        Raises:
            Conflict: `gitops-rewritten`. Unavailable: `gitops-unreachable`.
        """
        if not self.remote:
            return replace(self, base=self.git.head(f"refs/heads/{self.branch}"))
        if self.has_tree:
            return replace(self, base=_fetched(self.git, self.remote, self.branch, self.shown, forced=True))
        with in_turn(self.git.folder.with_suffix(".lock")):
            return replace(self, base=_fetched(self.git, self.remote, self.branch, self.shown, forced=False))

    def publish(self, commit: str) -> bool:
        """Make it the newest one. Whether the work tree, where there is one, has it too.

        Raises:
            Conflict: `gitops-overtaken`. Refused: `gitops-protected`, `gitops-read-only`. ToolFailed: `gitops-push`.
        """
        try:
            if self.remote:
                self._push(commit)
            if not self.has_tree:
                return True
            done = self.git.attempt("merge", "--ff-only", "--quiet", commit)
            if done.returncode and not self.remote:
                raise push_failed(done.stderr, self.shown)
            return not done.returncode
        finally:
            self.git.attempt("update-ref", "-d", _draft())

    def _push(self, commit: str) -> None:
        order = ("push", "--porcelain", self.remote, f"{commit}:refs/heads/{self.branch}")
        done = self.git.attempt(*order, timeout=_NETWORK)
        if done.returncode:
            raise push_failed(f"{done.stdout}\n{done.stderr}", self.shown)


def open_repository(place: str, cwd: Path, environ: Mapping[str, str], cache: Path) -> Repository:
    """The repository at a path, or at a URL.

    Raises:
        NotFound: `gitops-missing`. Conflict: `gitops-dirty`, `gitops-diverged`, `gitops-branch`, `gitops-rewritten`.
        Unavailable: `gitops-unreachable`.
    """
    environ = {**environ, "LC_ALL": "C"}
    if is_path(place):
        folder = (cwd / place).resolve()
        found = Git(folder, environ).attempt("rev-parse", "--is-bare-repository") if folder.is_dir() else None
        if found is None or found.returncode:
            raise _no_repository(f"{folder} is no git repository")
        if found.stdout.strip() == "false":
            return _of_tree(folder, environ)
        place = str(folder)
    return _of_remote(place, environ, cache)


def _of_tree(folder: Path, environ: Mapping[str, str]) -> Repository:
    from pathlib import Path

    git = Git(Path(Git(folder, environ)("rev-parse", "--show-toplevel")), environ)
    shown = str(git.folder)
    named = git.attempt("symbolic-ref", "--quiet", "--short", "HEAD")
    branch = named.stdout.strip()
    if named.returncode or git.attempt("rev-parse", "--verify", "--quiet", "HEAD").returncode:
        raise Conflict(
            "gitops-branch", f"{shown} is on no branch with a commit", next_step="Check its branch out, then try again."
        )
    if not git.is_clean():
        raise Conflict(
            "gitops-dirty",
            f"{shown} has changes that are not committed",
            next_step="Commit or discard them: a release is a commit of its own.",
        )
    head = git.head()
    remote = git.attempt("config", f"branch.{branch}.remote").stdout.strip()
    if not remote or remote == ".":
        return Repository(git, shown, branch, head)
    theirs = git.attempt("config", f"branch.{branch}.merge").stdout.strip().removeprefix("refs/heads/") or branch
    there = _fetched(git, remote, theirs, shown, forced=True)
    if git.attempt("merge-base", "--is-ancestor", head, there).returncode:
        raise Conflict(
            "gitops-diverged",
            f"{shown} has commits that its remote's {theirs} has not, or the remote's history was written anew",
            next_step="Push or drop those commits first: a release stands on what everybody has.",
        )
    return Repository(git, shown, theirs, there, remote)


def _of_remote(place: str, environ: Mapping[str, str], cache: Path) -> Repository:
    shown = without_password(place)
    copy = cache / "gitops" / hashlib.sha256(place.encode()).hexdigest()[:24]
    make_private(copy)
    with in_turn(copy.with_suffix(".lock")):
        git = Git(copy, environ)
        if not (copy / "HEAD").exists():
            git("init", "--quiet", "--bare")
        said = git.attempt("ls-remote", "--symref", "--", place, "HEAD", timeout=_NETWORK)
        if said.returncode:
            raise unreachable(shown, said.stderr)
        lines = [line.split() for line in said.stdout.splitlines()]
        names = [line[1].removeprefix("refs/heads/") for line in lines if line[0] == "ref:"]
        if not names or len(lines) < len(("ref: NAME HEAD", "ID HEAD")):
            raise _no_repository(f"{shown} has no commit yet")
        branch = names[0]
        return Repository(git, shown, branch, _fetched(git, place, branch, shown, forced=False), place, has_tree=False)


def _fetched(git: Git, remote: str, branch: str, shown: str, *, forced: bool) -> str:
    """The newest commit of a remote's branch.

    Raises:
        Conflict: `gitops-rewritten`, unless `forced`. Unavailable: `gitops-unreachable`.
    """
    name = f"{FETCHED}/{branch}"
    order = f"{'+' if forced else ''}refs/heads/{branch}:{name}"
    done = git.attempt("fetch", "--no-tags", "--no-write-fetch-head", remote, order, timeout=_NETWORK)
    if done.returncode and "non-fast-forward" in done.stderr:
        raise Conflict(
            "gitops-rewritten",
            f"the history of {branch} at {shown} was written anew: releases that were there are gone",
            next_step=f"Find out who did that. Where it is right, remove {git.folder}, then try again.",
        )
    if done.returncode:
        raise unreachable(shown, done.stderr)
    return git.head(name)


def _no_repository(what: str) -> NotFound:
    return NotFound(
        "gitops-missing",
        f"there is no GitOps repository: {what}",
        next_step=f"Name a clone or the URL of a repository with a {layouts.FILE} in it.",
    )


def _draft() -> str:
    """What holds a commit until it is published, one for each thread; a killed release leaves it, and harms nobody."""
    return f"refs/gaia/draft-{os.getpid()}-{threading.get_ident()}"


def _quoted(path: str) -> str:
    r"""As fast-import has it where a plain one would end too early."""
    if "\n" not in path and not path.startswith('"'):
        return path
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _data(text: str) -> bytes:
    content = text.encode()
    return b"data %d\n%b\n" % (len(content), content)
