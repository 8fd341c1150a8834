"""What `.git` says of the repository, read from its files: no process is started."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

MAX_BYTES = 2**20
_REMOTE = re.compile(
    r"^(?:[a-z+]+://)?(?:[^@/]*@)?(?P<host>[^:/]+)(?::\d+(?=/))?[:/](?P<path>.+?)(?:\.git)?/?$", re.IGNORECASE
)
_SECTION = re.compile(r'^\s*\[remote\s+"(?P<name>[^"]+)"\]')
_URL = re.compile(r"^\s*url\s*=\s*(?P<url>\S+)")


class GitFacts:
    """The facts of the work tree that holds a folder. Each is None where it is not known."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def root(self) -> Path | None:
        """The top of the work tree."""
        return next((one for one in (self._folder, *self._folder.parents) if (one / ".git").exists()), None)

    @cached_property
    def _git(self) -> Path | None:
        if self.root is None:
            return None
        git = self.root / ".git"
        if git.is_dir():
            return git
        text = _read(git) or ""
        return (self.root / text.removeprefix("gitdir:").strip()) if text.startswith("gitdir:") else None

    @cached_property
    def _common(self) -> Path | None:
        """Where refs and the configuration are; a linked work tree has them elsewhere."""
        text = _read(self._git / "commondir") if self._git else None
        return (self._git / text.strip()) if self._git and text else self._git

    @cached_property
    def _head(self) -> str:
        return (_read(self._git / "HEAD") or "").strip() if self._git else ""

    @property
    def branch(self) -> str | None:
        """The branch that is checked out."""
        head = self._head.removeprefix("ref: ")
        return head.removeprefix("refs/heads/") if head != self._head else None

    @cached_property
    def sha(self) -> str | None:
        """The commit that is checked out."""
        if not self._head.startswith("ref: "):
            return self._head or None
        name = self._head.removeprefix("ref: ")
        for folder in (self._git, self._common):
            text = _read(folder / name) if folder else None
            if text:
                return text.strip()
        packed = (_read(self._common / "packed-refs") or "") if self._common else ""
        for line in packed.splitlines():
            commit, _, ref = line.partition(" ")
            if ref.strip() == name:
                return commit
        return None

    @property
    def ref(self) -> str | None:
        """The full name of the branch, or the commit where none is checked out."""
        return self._head.removeprefix("ref: ") or None

    @cached_property
    def url(self) -> str | None:
        """The address of the remote `origin`, else of the first one."""
        text = (_read(self._common / "config") or "") if self._common else ""
        urls: dict[str, str] = {}
        name = ""
        for line in text.splitlines():
            section = _SECTION.match(line)
            if line.lstrip().startswith("["):
                name = section["name"] if section else ""
            url = _URL.match(line)
            if url and name:
                urls.setdefault(name, url["url"])
        return urls.get("origin") or next(iter(urls.values()), None)

    def _part(self, name: str) -> str | None:
        match = _REMOTE.match(self.url or "")
        return match[name] if match else None

    @property
    def host(self) -> str | None:
        """The host of the remote."""
        return self._part("host")

    @property
    def repository(self) -> str | None:
        """`OWNER/NAME` of the remote."""
        return self._part("path")

    @property
    def owner(self) -> str | None:
        """The owner of the remote, groups included."""
        return (self.repository or "").rpartition("/")[0] or None

    @property
    def name(self) -> str | None:
        """The name of the remote repository."""
        return (self.repository or "").rpartition("/")[2] or None


FACTS: Mapping[str, Callable[[GitFacts], object]] = {
    "repo-root": lambda facts: facts.root,
    "git.root": lambda facts: facts.root,
    "git.branch": lambda facts: facts.branch,
    "git.sha": lambda facts: facts.sha,
    "git.ref": lambda facts: facts.ref,
    "git.owner": lambda facts: facts.owner,
    "git.name": lambda facts: facts.name,
    "git.host": lambda facts: facts.host,
    "git.url": lambda facts: facts.url,
    "git.repository": lambda facts: facts.repository,
}


def _read(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
