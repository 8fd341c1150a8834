"""git as a child process, in one repository, with nobody's personal configuration."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import ToolFailed
from gaia.kit import process
from gaia.kit.files import real_path

if TYPE_CHECKING:
    from collections.abc import Mapping

_IDENTITY = {
    "GIT_AUTHOR_NAME": "Gaia",
    "GIT_AUTHOR_EMAIL": "gaia@localhost",
    "GIT_COMMITTER_NAME": "Gaia",
    "GIT_COMMITTER_EMAIL": "gaia@localhost",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}
LOCKED = re.compile(r"Unable to create '(.+\.lock)': File exists")
"""What git says of a lock that somebody holds, or left."""
_LEFT_AFTER = 2.0
"""Seconds after which a lock is one that a killed git left: commands of ours hold one for milliseconds."""


@dataclass(frozen=True, slots=True)
class Git:
    """Commands in one work tree (or bare repository)."""

    folder: Path
    environ: Mapping[str, str] = field(repr=False)

    def __call__(self, *arguments: str, stdin: bytes | None = None, timeout: float = 120.0) -> str:
        """Run `git ARGUMENTS` and return its output without the last newline.

        Raises:
            ToolFailed: `git-failed`, with git's own words.
        """
        done = self.attempt(*arguments, stdin=stdin, timeout=timeout)
        if done.returncode:
            raise ToolFailed(
                "git-failed",
                f"git {arguments[0]} failed in {self.folder}: {done.stderr.strip() or done.stdout.strip()}",
                next_step="Mend the repository, then try again.",
            )
        return done.stdout.removesuffix("\n")

    def attempt(self, *arguments: str, stdin: bytes | None = None, timeout: float = 120.0) -> process.Completed:
        """Like a call, but a failure is returned, not raised."""
        env = process.child_environment(self.environ, **_IDENTITY)
        # A git that is cut off leaves locks and half a checkout behind; one that finishes leaves neither.
        return process.run(["git", *arguments], cwd=self.folder, env=env, stdin=stdin, timeout=timeout, may_finish=True)

    def head(self, revision: str = "HEAD") -> str:
        """The full commit id that `revision` names."""
        return self("rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")

    def is_clean(self) -> bool:
        """Whether the work tree has no change and no untracked file."""
        return not self("status", "--porcelain")


@dataclass(frozen=True, slots=True)
class OwnGit(Git):
    """Commands in a repository that nobody else writes to: a lock that outlived its git is taken away.

    It is known by git's message, so `environ` has to say `LC_ALL=C`.
    """

    def attempt(self, *arguments: str, stdin: bytes | None = None, timeout: float = 120.0) -> process.Completed:
        """Like that of `Git`, once more when such a lock was in the way."""
        done = Git.attempt(self, *arguments, stdin=stdin, timeout=timeout)
        found = LOCKED.search(done.stderr) if done.returncode else None
        lock = real_path(Path(found[1])) if found else None
        if lock is None or not lock.is_relative_to(real_path(self.folder)):
            return done
        with suppress(FileNotFoundError):  # its git has ended after all
            seen = lock.stat()
            time.sleep(max(0.0, _LEFT_AFTER - (time.time() - seen.st_mtime)))
            if (now := lock.stat()).st_ino == seen.st_ino and now.st_mtime_ns == seen.st_mtime_ns:
                lock.unlink()
        return Git.attempt(self, *arguments, stdin=stdin, timeout=timeout)
