"""Files of lines that only grow. An unfinished last line was never acknowledged: readers drop it, the next writer cuts
it off."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Defect
from gaia.kit import files

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = 64 * 1024


@dataclass(frozen=True, slots=True)
class LinesAt:
    """One such file, to be written and read line by line."""

    path: Path
    below: Path | None = None
    """Up to here its folders are made durable with its first line; its own folder alone where there is none."""

    @property
    def where(self) -> str:
        """The file, for people."""
        return str(self.path)

    def append(self, line: bytes) -> None:
        """Add a line, given without its end; durable on return."""
        append(self.path, [line], below=self.below or self.path.parent)

    def read(self) -> tuple[bytes, ...]:
        """Every whole line, oldest first."""
        return read(self.path)[0]


def append(path: Path, lines: list[bytes], *, below: Path, durable: bool = True) -> None:
    """Add whole lines, given without their ends, all or none; the file is 0600, and folders that it needs 0700.

    On return they outlive a power cut, also the names of the folders up to `below`; not `durable`, this process only.
    Safe from several threads and processes: writers of one file queue up.

    Raises:
        Unavailable: `disk-full` or `file-not-writable`; the file is as it was.
    """
    if any(b"\n" in line for line in lines):
        raise Defect("document-line", "a line holds the end of one", next_step="Report this as a bug of Gaia.")
    try:
        handle = _made(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)  # freed by closing, also by dying
            _append(path, handle, b"".join(line + b"\n" for line in lines), below if durable else None)
        finally:
            os.close(handle)
    except OSError as error:
        raise files.write_failed(path, error) from error


def _made(path: Path) -> int:
    how = os.O_RDWR | os.O_CREAT | os.O_APPEND
    try:
        return _opened(path, how)
    except FileNotFoundError:
        files.private_folders(path.parent)
        return _opened(path, how)


def _opened(path: Path, how: int) -> int:
    """A handle of a regular file that is no link: a device or a pipe would be read for ever.

    Raises:
        OSError: it is something else.
    """
    handle = os.open(path, how | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return handle


def _append(path: Path, handle: int, text: bytes, below: Path | None) -> None:
    end = os.fstat(handle).st_size
    size = _whole(handle, end)
    if size < end:
        os.ftruncate(handle, size)
    if below is not None and size == 0:
        files.sync_folders(path, below)  # before its first line is: a line in a file that no folder names is lost
    try:
        _write(handle, text)
        if below is not None:
            os.fsync(handle)
    except OSError:
        with suppress(OSError):  # else the half line stays; every reader drops it
            os.ftruncate(handle, size)
        raise


def _write(handle: int, text: bytes) -> None:
    while text:
        written = os.write(handle, text)
        if written <= 0:
            raise OSError(errno.EIO, "the system wrote nothing and gave no reason")
        text = text[written:]


def read(path: Path, after: int = 0) -> tuple[tuple[bytes, ...], int]:
    """The whole lines from byte `after` on, and the byte to go on from; no file has none.

    Raises:
        Unavailable: `document-unreadable`.
    """
    try:
        with os.fdopen(_opened(path, os.O_RDONLY), "rb") as file:
            file.seek(after)
            content = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return (), after
    except OSError as error:
        raise files.read_failed(path, error) from error
    whole = content[: content.rfind(b"\n") + 1]
    return tuple(whole.split(b"\n")[:-1]), after + len(whole)


def _whole(handle: int, end: int) -> int:
    """Size in bytes up to and including the last end of a line before `end`, where the file ends."""
    if end == 0 or os.pread(handle, 1, end - 1) == b"\n":  # nearly always, and a log is written often
        return end
    while end > 0:
        begin = max(0, end - _BLOCK)
        found = os.pread(handle, end - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0
