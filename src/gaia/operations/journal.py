"""The journal of one operation: what was begun, which processes were started, what was made.

A file of JSON lines that only grows. An entry is on the disk before `append` returns, so what another process reads
after a SIGKILL or a power cut is at most one unfinished line short of the truth; that line was never acknowledged and
is dropped. Entries hold names, ids and process identities, never values of attributes.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from gaia.errors import Defect, Unavailable
from gaia.kit import clock, files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: when, what, and its facts (JSON data)."""

    at: str
    kind: str
    facts: Mapping[str, object]


class Journal:
    """Appends from any thread. One operation at a time writes a journal; `instance.perform` holds the lock for that."""

    def __init__(self, path: Path, handle: int, size: int) -> None:
        self.path = path
        self._handle = handle
        self._size = size
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open for appending, making the file (0600) and its folders; an unfinished last line is cut off.

        Raises:
            Unavailable: `disk-full` or `file-not-writable`.
        """
        try:
            _make_folder(path.parent)
            fresh = not path.exists()
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            size = _whole(path)
            os.ftruncate(handle, size)
            if fresh:
                _sync_folder(path.parent)
        except OSError as error:
            raise files.write_failed(path, error) from error
        return cls(path, handle, size)

    def append(self, kind: str, **facts: object) -> None:
        """Write one entry and wait until the disk has it.

        Raises:
            Unavailable: `disk-full` or `file-not-writable`; the journal then ends with the entry before.
        """
        line = json.dumps({"at": clock.rfc3339(clock.now()), "kind": kind, **facts}, allow_nan=False)
        with self._lock:
            try:
                _write_whole(self._handle, line.encode() + b"\n")
                os.fsync(self._handle)
            except OSError as error:
                self._cut_back()
                raise files.write_failed(self.path, error) from error
            self._size += len(line.encode()) + 1

    def _cut_back(self) -> None:
        try:
            os.ftruncate(self._handle, self._size)
        except OSError:  # the half line stays; every reader drops it
            return

    def close(self) -> None:
        """Give the file back; closing twice is no error."""
        with self._lock:
            if self._handle >= 0:
                os.close(self._handle)
                self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read(path: Path) -> tuple[Entry, ...]:
    """Every whole entry, oldest first; a journal that does not exist is empty.

    Raises:
        Unavailable: `journal-damaged` when a line before the last one is not an entry.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ()
    lines = content.split(b"\n")[:-1]  # what follows the last newline is unfinished, or nothing
    return tuple(_entry(path, number, line) for number, line in enumerate(lines, 1))


def _entry(path: Path, number: int, line: bytes) -> Entry:
    try:
        facts = json.loads(line)
        return Entry(facts.pop("at"), facts.pop("kind"), facts)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise Unavailable(
            "journal-damaged",
            f"line {number} of {path} is not a journal entry",
            next_step="Restore the file from a backup, or look at the instance's resources and state by hand.",
        ) from error


def _whole(path: Path) -> int:
    """Size in bytes up to and including the last newline."""
    return path.read_bytes().rfind(b"\n") + 1


def _write_whole(handle: int, data: bytes) -> None:
    while data:
        written = os.write(handle, data)
        if written <= 0:
            raise Defect("journal-stuck", "the system wrote nothing and gave no reason", next_step="Report this.")
        data = data[written:]


def _make_folder(folder: Path) -> None:
    """Make a folder so that it outlives a power cut: its name is on the disk in the folder above."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
