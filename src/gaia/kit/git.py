"""git as a child process, in one repository, with nobody's personal configuration.

But for one list: which repositories of other owners the user trusts (`safe.directory`). Git refuses to work in any
other one, and takes the list only from a file of the user or the system: what `-c` or the environment says does not
reach the second git that a fetch from a folder starts.
"""

from __future__ import annotations

import errno
import os
import re
import shlex
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import ToolFailed, Unavailable
from gaia.kit import process
from gaia.kit.files import real_path, write_failed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_IDENTITY = {
    "GIT_AUTHOR_NAME": "Gaia",
    "GIT_AUTHOR_EMAIL": "gaia@localhost",
    "GIT_COMMITTER_NAME": "Gaia",
    "GIT_COMMITTER_EMAIL": "gaia@localhost",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}
_ADVICE = re.compile(r"--add safe\.directory (.+)")
"""What git says, in every language, when a repository belongs to somebody else."""
_CONFIGURED = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "XDG_CONFIG_HOME")
"""Variables that say where the user's configuration is."""
_AGENT = ("SSH_AUTH_SOCK",)
"""Who holds the keys that a remote of a team is reached with, by ssh; no other program of ours asks it."""
LOCKED = re.compile(r"Unable to create '(.+\.lock)': File exists")
"""What git says of a lock that somebody holds, or left."""
_DISKS = {os.strerror(code): code for code in (errno.ENOSPC, errno.EDQUOT, errno.EROFS)}
_DISK = re.compile(rf"^(remote:)?.*: ({'|'.join(map(re.escape, _DISKS))})\s*$", re.MULTILINE)
"""What git says of a disk that takes nothing; of one of the other side it says so behind `remote:`."""
_PASSWORD = re.compile(r"(\w+://)[^/@\s]*:[^/@\s]*@")
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
            Unavailable: as `attempt`.
        """
        done = self.attempt(*arguments, stdin=stdin, timeout=timeout)
        if done.returncode:
            raise ToolFailed(
                "git-failed",
                f"git {arguments[0]} failed in {self.folder}: {done.stderr.strip() or done.stdout.strip()}",
                next_step="Repair the repository, then try again.",
            )
        return done.stdout.removesuffix("\n")

    def attempt(self, *arguments: str, stdin: bytes | None = None, timeout: float = 120.0) -> process.Completed:
        """Like a call, but a failure is returned, not raised.

        Raises:
            Unavailable: `repository-untrusted`: git does not even look into a repository of another owner. `disk-full`,
                `read-only`: it says so of a disk of this side.
        """
        done = self._run(arguments, stdin=stdin, timeout=timeout)
        if done.returncode and _ADVICE.search(done.stderr) and (trusted := self._trusted()):
            # It was refused before anything was done.
            with tempfile.NamedTemporaryFile("w", prefix="gaia-git-") as file:
                file.write("[safe]\n" + "".join(f"\tdirectory = {_quoted(one)}\n" for one in trusted))
                file.flush()
                done = self._run(arguments, stdin=stdin, timeout=timeout, GIT_CONFIG_GLOBAL=file.name)
        if done.returncode and (refused := _ADVICE.search(done.stderr)):
            raise _untrusted(shlex.split(refused[1])[0])
        if done.returncode and (trouble := disk_said(done.stderr)):
            raise write_failed(self.folder, trouble)
        return done

    def _run(self, arguments: Sequence[str], *, stdin: bytes | None, timeout: float, **more: str) -> process.Completed:
        agent = {name: self.environ[name] for name in _AGENT if name in self.environ}
        env = process.child_environment(self.environ, **_IDENTITY | agent | more)
        # A git that is cut off leaves locks and half a checkout behind; one that finishes leaves neither.
        return process.run(["git", *arguments], cwd=self.folder, env=env, stdin=stdin, timeout=timeout, may_finish=True)

    def _trusted(self) -> list[str]:
        """The user's and the system's `safe.directory`, in the order in which git reads them."""
        named = {name: self.environ[name] for name in _CONFIGURED if name in self.environ}
        env, trusted = process.child_environment(self.environ, **named), ""
        for place in ("--system", "--global"):
            done = process.run(
                ["git", "config", place, "--null", "--get-all", "safe.directory"], cwd=Path("/"), env=env, timeout=20
            )
            trusted += "" if done.returncode else done.stdout
        return trusted.split("\0")[:-1]

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


def disk_said(words: str, *, remote: bool = False) -> OSError | None:
    """What git's words tell of a disk that takes nothing, on this side or the other."""
    said = (found[2] for found in _DISK.finditer(words) if bool(found[1]) == remote)
    return next((OSError(_DISKS[one], one) for one in said), None)


def address(remote: str, folder: Path) -> str:
    """A remote's URL or path in one spelling: without how it is reached, as whom, and `.git`.

    A path that is not absolute is taken from `folder`.
    """
    if is_path(remote):
        return str(real_path(folder / remote)).removesuffix("/.git")
    _, scheme, rest = remote.partition("://")
    host, _, path = rest.partition("/") if scheme else remote.partition(":")
    return f"{host.rpartition('@')[2].lower()}/{path.strip('/').removesuffix('.git')}"


def without_password(remote: str) -> str:
    """A remote as it may be shown: whoever wrote a password or a token into its URL did not mean to print it."""
    return _PASSWORD.sub(r"\1***@", remote)


def is_path(remote: str) -> bool:
    """Whether a remote is a path on this machine, not a URL or HOST:PATH."""
    return "://" not in remote and ":" not in remote.split("/", maxsplit=1)[0]


def _untrusted(place: str) -> Unavailable:
    """Git asks for a work tree by its folder and, to fetch from it, by its `.git`: both at once spares a second try."""
    folder = place.removesuffix("/.git")
    places = [folder, f"{folder}/.git"] if (Path(folder) / ".git").exists() else [folder]
    commands = "; ".join(f"git config --global --add safe.directory {shlex.quote(one)}" for one in places)
    return Unavailable(
        "repository-untrusted",
        f"{folder} belongs to another user, and git works in it only where you say that you trust it",
        next_step=f"If you do, run: {commands}",
    )


def _quoted(value: str) -> str:
    """A value as git's configuration has it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
