"""The platform repository itself, as its clone sees it: a branch to fetch, and to push to by fast-forward only."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Conflict, NotFound, Unavailable
from gaia.kit.files import disk_trouble, write_failed
from gaia.kit.git import LOCKED, Git, disk_said, without_password

if TYPE_CHECKING:
    from collections.abc import Mapping

_BUSY = ("[rejected]", "cannot lock ref", "failed to update ref", "Up-to-date check failed")
"""What git says of a push where somebody else was faster, or holds a lock just now."""
_DIRTY = ("orking directory has", "ould not update working tree", "not uptodate")


@dataclass(frozen=True, slots=True)
class Source:
    """One branch of a repository at a path or URL."""

    at: str
    branch: str
    environ: Mapping[str, str] = field(repr=False)
    """Messages of git decide what a failed push means, so they must be in the language that we know (`LC_ALL=C`)."""

    @property
    def shown(self) -> str:
        """Where it is, as it may be shown."""
        return without_password(self.at)

    def fetch(self, clone: Git, target: str) -> str:
        """Bring the ref `target` of a clone up to the branch; returns its commit.

        Raises:
            NotFound: `branch-unknown`.
            Unavailable: `repository-unreachable`; `disk-full`, `read-only` where the clone is.
        """
        refs = f"+refs/heads/{self.branch}:{target}"
        done = clone.attempt("fetch", "--quiet", "--no-tags", "--end-of-options", self.at, refs)
        if done.returncode and "couldn't find remote ref" in done.stderr:
            raise NotFound(
                "branch-unknown",
                f"{self.shown} has no branch {self.branch}",
                next_step="Name the branch that the platform repository publishes, or make a first commit on it.",
            )
        if done.returncode:
            raise Unavailable(
                "repository-unreachable",
                f"cannot fetch {self.shown}: {without_password(done.stderr.strip())}",
                next_step="Check that the platform repository is still there and that you may read it.",
            )
        return clone.head(target)

    def check_clean(self) -> None:
        """Pass when a push could go through now; what is only in the way later is found by `push`.

        Raises:
            Conflict: `target-dirty` when this is a checkout of the branch with uncommitted changes.
        """
        checkout = self._checkout()
        if checkout is not None and checkout("status", "--porcelain", "--untracked-files=no"):
            raise self._refused("Working directory has unstaged changes", "")

    def push(self, clone: Git, commit: str) -> None:
        """Fast-forward the branch to a clone's commit.

        Raises:
            Conflict: `target-busy`: others moved it, or git is at work there. `target-dirty`: it is checked out with
                changes in the way. `target-checked-out`: it takes no push. `target-refused`: a hook said no.
            Unavailable: `repository-unreachable`; `disk-full`, `read-only` of a source on this machine. Nothing was
                changed.
        """
        refs = f"{commit}:refs/heads/{self.branch}"
        done = clone.attempt("push", "--porcelain", "--end-of-options", self.at, refs)
        if not done.returncode:
            return
        here = Path(self.at)
        if here.is_dir() and (trouble := disk_said(done.stderr, remote=True) or disk_trouble(here)):
            raise write_failed(here, trouble)
        refused = next((line.split("\t")[-1] for line in done.stdout.splitlines() if line.startswith("!\t")), "")
        if not refused:
            raise Unavailable(
                "repository-unreachable",
                f"cannot push to {self.shown}: {without_password(done.stderr.strip())}",
                next_step="Check that the platform repository is still there and that you may write to it.",
            )
        error = self._refused(refused.strip(), done.stderr)
        if error.code == "target-busy":
            self._put_back(commit)
        raise error

    def _put_back(self, commit: str) -> None:
        """Git updates the files of a checkout before its branch; where the branch then moved by itself they stay.

        They are put back where they are still those of `commit`, and left where somebody has changed them.
        """
        if checkout := self._checkout():
            checkout.attempt("read-tree", "-u", "-m", commit, "HEAD")

    def _checkout(self) -> Git | None:
        """The source where it is a checkout of the branch on this machine."""
        folder = Path(self.at)
        if not folder.is_dir():
            return None
        git = Git(folder, self.environ)
        if git("rev-parse", "--is-bare-repository") == "true":
            return None
        return git if git.attempt("symbolic-ref", "--short", "HEAD").stdout.strip() == self.branch else None

    def _refused(self, reason: str, said: str) -> Conflict:
        code, message, step = "target-refused", "does not take it", "Ask the owner of the platform repository."
        if "refusing to update checked out branch" in said:
            code, message = "target-checked-out", "is checked out and takes no push"
            step = f"Run `git -C {self.at} config receive.denyCurrentBranch updateInstead`, then resume."
        elif LOCKED.search(said) or any(words in reason for words in _BUSY):
            code, message = "target-busy", "is being changed by others"
            lock = found[1] if (found := LOCKED.search(said)) else f"{self.at}/.git/index.lock"
            step = f"Resume when it is quieter. Where no other git runs there and {lock} stays, remove it first."
        elif any(words in reason for words in _DIRTY):
            code, message = "target-dirty", "has changes that are not committed"
            step = f"Commit or stash them in {self.at}, then approve or resume."
        return Conflict(
            code,
            f"the branch {self.branch} of {self.shown} {message}; nothing was published ({reason})",
            next_step=step,
        )
