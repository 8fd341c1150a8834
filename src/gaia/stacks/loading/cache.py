"""Parsed files kept between processes, in one file a repository.

An entry counts as long as the file's size, times and inode are the same. A file that was changed so shortly before it
was read that its times could miss a further change is compared by content. The cache may be deleted, damaged or
written by several processes at any time: what cannot be used is parsed again.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
import sys
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

MAGIC = b"gaia stacks 1\n"
DIGEST = 16
TRUSTED_AFTER = 2_000_000_000
"""Nanoseconds after which a file's times are sure to tell a change."""
MAX_BYTES = 512 * 2**20
Signature = tuple[int, int, int, int]


class Entry(NamedTuple):
    """A parsed file."""

    signature: Signature
    digest: bytes
    """Of the content, while the signature alone does not prove it; else empty."""
    appends: bool
    blob: bytes


def signature(path: str) -> Signature:
    """What changes when a file does: size, times, inode."""
    found = os.stat(path)  # noqa: PTH116
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def digest(content: bytes) -> bytes:
    """The digest of a content."""
    return hashlib.blake2b(content, digest_size=DIGEST).digest()


class Cache:
    """The parsed files of one stacks folder. Without a folder to keep them in, nothing is kept."""

    def __init__(self, folder: Path | None, stacks: Path) -> None:
        self._path: Path | None = None
        self._entries: dict[str, Entry] = {}
        self._derived: dict[str, tuple[bytes, object]] = {}
        self._changed = False
        if folder is not None:
            name = digest(f"{stacks}\0{sys.version}\0{_code()}".encode()).hex()
            self._path = folder / f"{name}.parsed"
            self._read(self._path)

    @property
    def enabled(self) -> bool:
        """Whether anything is kept."""
        return self._path is not None

    def find(self, path: str, file: str, now: Signature) -> tuple[object, bool] | None:
        """The tree of `path` and whether it appends to lists, if its file (with the signature `now`) is unchanged."""
        entry = self._entries.get(path)
        if entry is None or entry.signature != now:
            return None
        if entry.digest:
            try:
                if digest(Path(file).read_bytes()) != entry.digest:
                    return None
            except OSError:
                return None
            if _is_trusted(now):
                self._entries[path] = entry._replace(digest=b"")
                self._changed = True
        return marshal.loads(entry.blob), entry.appends  # noqa: S302 -- own file, checked by digest and owner

    def keep(self, path: str, content: bytes, now: Signature, value: object, *, appends: bool) -> None:
        """Remember the tree of a file, whose signature was `now` before it was read."""
        if not self.enabled:
            return
        try:
            blob = marshal.dumps(value)  # type: ignore[arg-type]
        except ValueError:
            return  # a value that is no plain data, such as a date
        self._entries[path] = Entry(now, b"" if _is_trusted(now) else digest(content), appends, blob)
        self._changed = True

    def derived(self, name: str, state: bytes) -> object:
        """What was derived from all files while they were in this state, or None."""
        known = self._derived.get(name)
        return known[1] if known and known[0] == state else None

    def keep_derived(self, name: str, state: bytes, value: object) -> None:
        """Remember what was derived from all files; `value` is plain data."""
        if self.enabled:
            self._derived[name] = (state, value)
            self._changed = True

    def state(self, signatures: Iterable[tuple[str, Signature]], *parts: str) -> bytes | None:
        """A digest of all files and of what else plays a part; None while a file's signature proves nothing yet."""
        listed = sorted(signatures)
        if not all(_is_trusted(one) for _, one in listed):
            return None
        return digest(repr((listed, parts)).encode())

    def save(self, listed: Iterable[str]) -> None:
        """Write what is new; files that are not listed any more are dropped. That it fails is no failure."""
        if self._path is None or not self._changed:
            return
        import tempfile

        self._changed = False
        known = {path: self._entries[path] for path in listed if path in self._entries}
        body = marshal.dumps(({path: tuple(entry) for path, entry in known.items()}, self._derived))
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".parsed-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(MAGIC + digest(body) + body)
                Path(temporary).replace(self._path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise

    def _read(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                found = os.fstat(file.fileno())
                # marshal is not safe to read from others: somebody else's file is none of ours.
                if found.st_uid != os.geteuid() or found.st_size > MAX_BYTES:
                    return
                content = file.read()
        except OSError:
            return
        body = memoryview(content)[len(MAGIC) + DIGEST :]
        if not content.startswith(MAGIC) or digest(bytes(body)) != content[len(MAGIC) : len(MAGIC) + DIGEST]:
            return
        with contextlib.suppress(ValueError, EOFError, TypeError):
            entries, derived = marshal.loads(body)  # noqa: S302 -- see above
            self._entries = {name: Entry(*entry) for name, entry in entries.items()}
            self._derived = derived


def _is_trusted(now: Signature) -> bool:
    return max(now[1], now[2]) + TRUSTED_AFTER < time.time_ns()


@lru_cache(maxsize=1)
def _code() -> str:
    """Changes when Gaia's code does, so that an upgrade reads everything again."""
    rooms = Path(__file__).parents[1], Path(__file__).parents[2] / "kit"
    return str(max(file.stat().st_mtime_ns for room in rooms for file in room.rglob("*.py")))
