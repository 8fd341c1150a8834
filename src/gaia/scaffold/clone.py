"""Gaia's own clone of a platform repository: branches are made here, and published by fast-forward or not at all.

The clone is bare: nothing is ever checked out in it. Commits are made from whole files, so a proposal conflicts with
another change exactly when both touch the same file; git never has to guess how two versions of a manifest go together.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from gaia.errors import Conflict, Invalid, NotFound
from gaia.kit.clock import now
from gaia.kit.files import in_turn, write_atomic, write_failed
from gaia.kit.git import OwnGit
from gaia.scaffold.proposal import Proposal, find_proposal
from gaia.scaffold.source import Source
from gaia.scaffold.unpacking import unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from gaia.kit.git import Git

_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)*")
_PART = re.compile(r"(?!\.{1,2}$)(?!\.git$)[^/\0\n\"\\]+", re.IGNORECASE)
_ATTRIBUTES = "* -export-ignore -export-subst -text -ident -filter -working-tree-encoding -eol\n"
"""An export is the committed bytes, whatever the repository's own .gitattributes ask for."""
_FOUNDATIONS = "refs/gaia/foundations"
_PUBLISH_ATTEMPTS = 5
_PAUSE = 0.2
"""Seconds between two of them."""


def is_whole(tree: Path) -> bool:
    """Whether an exported tree has all the files that it was made with, and no others, each as long as it was."""
    try:
        return listing_of(tree).read_bytes() == listed(tree)
    except FileNotFoundError:
        return False


def listing_of(tree: Path) -> Path:
    """The file beside a tree that says what is in it."""
    return tree.with_name(f"{tree.name}.listing")


def listed(tree: Path) -> bytes:
    """Every file of a tree with its length, a line each."""
    files = (each for each in tree.rglob("*") if each.is_symlink() or not each.is_dir())
    lines = sorted(f"{each.relative_to(tree).as_posix()} {each.lstat().st_size}\n" for each in files)
    return "".join(lines).encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Clone:
    """A bare clone that follows one branch of its source."""

    folder: Path
    source: Source
    git: Git
    pause: Callable[[], None] = field(default=partial(time.sleep, _PAUSE), repr=False, compare=False)

    @classmethod
    def open(cls, folder: Path, source: str, branch: str, environ: Mapping[str, str]) -> Clone:
        """The clone in `folder`, made if it is not there. `source` is a path or URL; nothing is fetched yet.

        Raises:
            Invalid: `branch-invalid`.
            Unavailable: `repository-unreachable`.
        """
        check_branch(branch)
        english = {**environ, "LC_ALL": "C"}
        clone = cls(folder, Source(source, branch, english), OwnGit(folder, english))
        attributes = folder / "info/attributes"
        if not attributes.exists() or attributes.read_text() != _ATTRIBUTES:
            with clone._alone():
                clone.git("init", "--quiet", "--bare", "--template=", "--initial-branch", branch)
                write_atomic(attributes, _ATTRIBUTES.encode())
        return clone

    @property
    def _target(self) -> str:
        return f"refs/remotes/origin/{self.source.branch}"

    def _alone(self) -> contextlib.AbstractContextManager[None]:
        """One at a time talks to the source, among all processes of this clone.

        Two fetches of a branch that moved fail at its lock. Of two pushes into a checkout git updates the files twice
        and the branch once: what is left are files of a commit that nobody published.
        """
        return in_turn(self.folder / "gaia.lock")

    def fetch(self) -> str:
        """Bring the followed branch up to date; returns its commit.

        Raises:
            NotFound: `branch-unknown`.
            Unavailable: `repository-unreachable`.
        """
        with self._alone():
            return self.source.fetch(self.git, self._target)

    def fetched(self) -> str | None:
        """The commit that the followed branch was last seen at; None before it was ever fetched."""
        done = self.git.attempt("rev-parse", "--quiet", "--verify", f"{self._target}^{{commit}}")
        return None if done.returncode else done.stdout.strip()

    def tip(self, branch: str) -> str | None:
        """The commit of one of Gaia's branches, None if there is no such branch."""
        done = self.git.attempt("rev-parse", "--quiet", "--verify", f"{_ref(branch)}^{{commit}}")
        return None if done.returncode else done.stdout.strip()

    def bundle(self, branch: str) -> bytes | None:
        """What one of Gaia's branches has and the fetched source does not, for another clone; None: nothing."""
        tip = self._tip(branch)
        if self._contains(self._target, tip):
            return None
        founded = [f"{_FOUNDATIONS}/{tip}"] if self._foundation(tip) else []
        with tempfile.TemporaryDirectory(prefix="gaia-bundle-") as folder:
            path = Path(folder) / "bundle"
            self.git("bundle", "create", "--quiet", str(path), _ref(branch), *founded, f"^{self._target}")
            return path.read_bytes()

    def unbundle(self, branch: str, bundle: bytes) -> None:
        """Take over what `bundle` of another clone gave. The followed branch has to be fetched before."""
        refs = (f"+{_ref(branch)}:{_ref(branch)}", f"+{_FOUNDATIONS}/*:{_FOUNDATIONS}/*")
        with tempfile.TemporaryDirectory(prefix="gaia-bundle-") as folder:
            path = Path(folder) / "bundle"
            path.write_bytes(bundle)
            self.git("fetch", "--quiet", "--no-tags", str(path), *refs)

    def has(self, commit: str) -> bool:
        """Whether a commit is here."""
        return not self.git.attempt("cat-file", "-e", f"{commit}^{{commit}}").returncode

    def drop(self, branch: str) -> None:
        """Delete one of Gaia's branches; one that has gone is no error."""
        self.git("update-ref", "-d", _ref(branch))

    def files(self, commit: str) -> frozenset[str]:
        """Paths of all files at `commit`."""
        return frozenset(self.git("ls-tree", "-r", "-z", "--name-only", self.git.head(commit)).split("\0")) - {""}

    def export(self, commit: str, into: Path) -> Path:
        """The tree of `commit` as plain files in the folder `into`, byte for byte; done at most once (see `is_whole`).

        Raises:
            Invalid: `repository-link-escapes` when a symbolic link leads out of the tree.
            Unavailable: `disk-full`, `read-only`, `file-not-writable`.
        """
        if into.exists():
            return into
        draft = into.with_name(f".{into.name}.{uuid4().hex}")
        archive = draft.with_name(f"{draft.name}.tar")  # with_suffix would take the part that is its own away
        try:
            draft.mkdir(parents=True)
            self.git("archive", "--format=tar", f"--output={archive.resolve()}", self.git.head(commit))
            unpack(archive, draft)
            listing_of(into).write_bytes(listed(draft))  # first: a tree that is there has one
            with contextlib.suppress(OSError):  # somebody else made the same tree in the meantime
                draft.rename(into)
        except OSError as error:
            raise write_failed(into, error) from error
        finally:
            with contextlib.suppress(OSError):
                archive.unlink(missing_ok=True)
            shutil.rmtree(draft, ignore_errors=True)
        return into

    def propose(self, branch: str, base: str, files: Mapping[str, bytes | None], message: str) -> str:
        """Point `branch` at one commit on top of `base` that writes (or, for None, deletes) `files`.

        Calling it again with the same base, files and message keeps the commit that is there.

        Raises:
            Invalid: `path-escapes`, `branch-invalid`.
            NotFound: `file-unknown` when a file to be deleted is not there.
            Conflict: `proposal-empty` when nothing would change.
        """
        check_branch(branch)
        for path in files:
            _check_path(path)
        base = self.git.head(base)
        for path, content in files.items():
            if content is None and self._entry(base, path) is None:
                raise NotFound("file-unknown", f"there is no {path} to delete", next_step="Fetch, and look again.")
        draft = self._commit(base, [_change(path, content) for path, content in files.items()], message)
        if len(set(self.git("rev-parse", f"{draft}^{{tree}}", f"{base}^{{tree}}").split())) == 1:
            raise Conflict(
                "proposal-empty", "this changes nothing in the platform repository", next_step="Nothing has to be done."
            )
        published = self.fetched() is not None and self._contains(self._target, base)
        self._found(draft, base if published else self._foundation(base) or base)
        return self._point(branch, draft)

    def proposal(self, branch: str) -> Proposal:
        """What somebody proposes on another branch of the source; see `find_proposal`."""
        check_branch(branch)
        with self._alone():
            return find_proposal(self.git, self.source, self._target, branch)

    def rebase(self, branch: str, onto: str) -> str:
        """Point `branch` at one commit on top of `onto` with what was proposed on the branch; returns it.

        Whatever else lay below the proposal does not come along: its owner may have dropped it since.

        Raises:
            Conflict: `rebase-conflict`, with the files that both sides changed; the branch stays as it was.
        """
        tip, onto = self._tip(branch), self.git.head(onto)
        base = self._foundation(tip) or self.git.head(f"{tip}^")
        if base == onto or self._contains(onto, tip):
            return tip
        changes, conflicts = [], []
        for path, before, after in self._changes(base, tip):
            there = self._entry(onto, path)
            if there == after:
                continue
            if there != before or self._blocked(onto, path):
                conflicts.append(path)
            changes.append(f"M {after[0]} {after[1]} {path}\n".encode() if after else _change(path, None))
        if conflicts:
            raise Conflict(
                "rebase-conflict",
                f"somebody else changed {', '.join(conflicts)} since",
                next_step="Undo that change there, then resume; or retire the service and ask again.",
                facts={"files": conflicts},
            )
        message = self.git("log", "-1", "--format=%B", tip).strip()
        if not changes:
            return self._point(branch, onto)
        draft = self._commit(onto, changes, message)
        self._found(draft, onto)
        return self._point(branch, draft)

    def check_target(self) -> None:
        """Pass when a publish could go through now; what is only in the way later is found by `publish`.

        Raises:
            Conflict: `target-dirty` when the source is a checkout of the branch with uncommitted changes.
        """
        with self._alone():  # half-way through a publish a checkout is dirty
            self.source.check_clean()

    def publish(self, branch: str) -> str:
        """Fast-forward the source's branch to `branch`; returns the published commit. Doing it again is no error.

        A branch that the source has moved away from is rebased first, as often as others are faster.

        Raises:
            Conflict: `rebase-conflict`, or what `Source.push` raises; nothing was changed then.
            Unavailable: `repository-unreachable`.
        """
        left = _PUBLISH_ATTEMPTS
        with self._alone():
            while True:
                head = self.source.fetch(self.git, self._target)
                tip = self.rebase(branch, head)
                if self._contains(head, tip):
                    return tip
                left -= 1
                try:
                    self.source.push(self.git, tip)
                except Conflict as error:
                    if error.code != "target-busy" or not left:
                        raise
                    self.pause()
                else:
                    self.source.fetch(self.git, self._target)
                    return tip

    def _found(self, commit: str, foundation: str) -> None:
        """Remember which commit of the source a proposal stands on, with other proposals in between or not."""
        self.git("update-ref", f"{_FOUNDATIONS}/{commit}", foundation)

    def _foundation(self, commit: str) -> str | None:
        """The commit of the source that a proposal stands on; None for what is no proposal, or one of Gaia 0.1."""
        done = self.git.attempt("rev-parse", "--quiet", "--verify", f"{_FOUNDATIONS}/{commit}")
        return None if done.returncode else done.stdout.strip()

    def _contains(self, commit: str, ancestor: str) -> bool:
        return self.git.attempt("merge-base", "--is-ancestor", ancestor, commit).returncode == 0

    def _tip(self, branch: str) -> str:
        tip = self.tip(branch)
        if tip is None:
            raise NotFound("branch-unknown", f"there is no branch {branch}", next_step="Make the request again.")
        return tip

    def _entry(self, commit: str, path: str) -> tuple[str, str] | None:
        """(mode, object) of a file at `commit`; None when there is none."""
        said = self.git("ls-tree", "-z", commit, "--", path).rstrip("\0")
        mode, kind, rest = said.split(" ", 2) if said else ("", "", "")
        return (mode, rest.split("\t")[0]) if kind == "blob" else None

    def _blocked(self, commit: str, path: str) -> bool:
        """Whether a folder at `commit` stands where the file would, or a file where one of its folders would."""
        parts = path.split("/")
        parents = ["/".join(parts[:end]) for end in range(1, len(parts))]
        is_folder = bool(self.git("ls-tree", "-d", commit, "--", path))
        return is_folder or any(self._entry(commit, parent) for parent in parents)

    def _changes(self, base: str, tip: str) -> Iterator[tuple[str, tuple[str, str] | None, tuple[str, str] | None]]:
        fields = self.git("diff-tree", "-r", "-z", "--no-renames", "--no-abbrev", base, tip).split("\0")
        for head, path in zip(fields[0::2], fields[1::2], strict=False):
            old_mode, new_mode, old, new, _ = head.removeprefix(":").split(" ")
            before = None if old_mode == "000000" else (old_mode, old)
            yield path, before, None if new_mode == "000000" else (new_mode, new)

    def _commit(self, base: str, changes: Iterable[bytes], message: str) -> str:
        """A commit on top of `base` that no branch points to."""
        ref = f"refs/gaia/drafts/{uuid4().hex}"
        text = message.strip().encode() + b"\n"
        who = f"Gaia <gaia@localhost> {int(now().timestamp())} +0000"
        stream = [
            f"commit {ref}\ncommitter {who}\ndata {len(text)}\n".encode(),
            text,
            f"from {base}\n".encode(),
            *changes,
            b"\ndone\n",
        ]
        try:
            self.git("fast-import", "--quiet", "--done", "--date-format=raw", stdin=b"".join(stream))
            return self.git.head(ref)
        finally:
            self.git("update-ref", "-d", ref)

    def _point(self, branch: str, draft: str) -> str:
        """Point `branch` at `draft`, unless it already is at a commit that says the same."""
        current = self.tip(branch)
        if current and self._says(current) == self._says(draft):
            return current
        self.git("update-ref", _ref(branch), draft, current or "0" * len(draft))
        return draft

    def _says(self, commit: str) -> str:
        return self.git("log", "-1", "--format=%T %P%n%B", commit)


def _ref(branch: str) -> str:
    check_branch(branch)
    return f"refs/heads/{branch}"


def check_branch(branch: str) -> None:
    """`Invalid("branch-invalid")` unless Gaia can work with a branch of this name."""
    if not _BRANCH.fullmatch(branch):
        raise Invalid(
            "branch-invalid",
            f"{branch!r} is not a name for a branch",
            next_step="Use letters, digits, hyphens and slashes.",
        )


def _check_path(path: str) -> None:
    if not all(_PART.fullmatch(part) for part in path.split("/")):
        raise Invalid(
            "path-escapes",
            f"{path!r} is not a path inside the platform repository",
            next_step="Use a relative path without . and .. parts.",
        )


def _change(path: str, content: bytes | None) -> bytes:
    """What writes or deletes a file in git's import format."""
    if content is None:
        return f"D {path}\n".encode()
    return f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n"
