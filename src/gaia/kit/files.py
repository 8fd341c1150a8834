"""Writing files whole, staying inside a folder, and locks that die with their holder."""

from __future__ import annotations

import errno
import fcntl
import fnmatch
import glob
import io
import os
import stat
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from gaia.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gaia.errors import GaiaError

STANDARD_INPUT = ("-", "/dev/stdin")
"""How people name it."""
_SMALL = 1 << 16
"""Bytes of our own small files."""
_NOTHING = 1 << 16
"""Bytes that are as good as none: SQLite's shared memory is half as large."""


def write_atomic(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replace `path` by `content` so that a reader, or a crash, sees the old file or the new one, never a part.

    Raises:
        Unavailable: `disk-full` or `file-not-writable`; the old file is untouched.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):  # it may never have been made: the folder is a file, say
            draft.unlink()
        raise write_failed(path, error) from error


def drop_drafts(path: Path) -> None:
    """Remove what writers of this file began and did not live to finish; one that lives goes on with its own."""
    for draft in path.parent.glob(f".{glob.escape(path.name)}.*.draft"):
        pid = draft.name.rsplit(".", 2)[1].partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists():
            draft.unlink(missing_ok=True)


def make_private(folder: Path) -> None:
    """A folder for its owner alone, and so those above it that are missing; one that is there stays as it is.

    Raises:
        Unavailable: as `write_atomic`.
    """
    try:
        private_folders(folder)
    except OSError as error:
        raise write_failed(folder, error) from error


def private_folders(folder: Path) -> None:
    """`make_private` for callers with a message of their own. (`Path.mkdir` gives its mode to the last folder alone.)

    Raises:
        OSError: it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        private_folders(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a file that was synced can still be nameless after a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folders(path: Path, below: Path) -> None:
    """Make the names of a file and of the folders that hold it durable, up to those in `below`."""
    for folder in path.parents:
        sync_folder(folder)
        if folder == below:
            break


def read_failed(path: Path, error: OSError) -> Unavailable:
    """The one translation of a failed read of a file that is ours."""
    return Unavailable(
        "document-unreadable",
        f"cannot read {path}: {error.strerror}",
        next_step="Check the file's owner and rights.",
    )


def write_failed(path: Path, error: OSError) -> Unavailable:
    """The one translation of a failed write."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return Unavailable("disk-full", f"no space left to write {path}", next_step="Free some space, then resume.")
    if error.errno == errno.EROFS:
        return Unavailable(
            "read-only",
            f"cannot write {path}: it is on a read-only file system",
            next_step="Mount it writable, or set GAIA_HOME and GAIA_CACHE_DIR to folders that are.",
        )
    return Unavailable(
        "file-not-writable", f"cannot write {path}: {error.strerror}", next_step="Check the folder's owner and rights."
    )


def disk_failed(error: BaseException) -> Unavailable | None:
    """What an error that nobody expected means where a disk is full or read-only; None where it means another thing."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        return write_failed(Path(str(error.filename or "the output")), error)
    return None


def disk_trouble(folder: Path) -> OSError | None:
    """Why nothing can be written in a folder, where that is its file system's fault: for tools that do not say it."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None
    code = errno.EROFS if disk.f_flag & os.ST_RDONLY else errno.ENOSPC
    full = disk.f_bavail * disk.f_frsize < _NOTHING
    return OSError(code, os.strerror(code)) if full or code == errno.EROFS else None


def read_regular(path: Path, limit: int) -> bytes:
    """At most `limit` bytes of a regular file.

    Raises:
        OSError: it cannot be opened, or is no regular file: a pipe would be waited for until somebody writes into it.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    with path.open("rb") as file:
        return file.read(limit)


def read_given(path: Path, limit: int) -> bytes:
    """At most `limit` bytes of what somebody names: a regular file, or what a pipe hands in (`-`, `/dev/stdin`, and
    `/dev/fd/N`, which is what a shell makes of `<(…)`).

    Raises:
        OSError: it cannot be opened, or is neither.
    """
    if str(path) in STANDARD_INPUT:
        return sys.stdin.buffer.read(limit)
    if path.parent == Path("/dev/fd") and path.name.isdigit():
        with os.fdopen(os.dup(int(path.name)), "rb") as file:
            return file.read(limit)
    return read_regular(path, limit)


def beginning_of(path: Path, most: int) -> bytes:
    """The first bytes of what `read_given` reads, which are left to it; none where they cannot be."""
    if str(path) in STANDARD_INPUT:
        return sys.stdin.buffer.peek(most)[:most] if isinstance(sys.stdin.buffer, io.BufferedReader) else b""
    try:
        return read_regular(path, most)
    except OSError:
        return b""


def listed(folder: Path, pattern: str) -> list[Path]:
    """The files of a folder whose names match, in order; none where there is no such folder.

    Raises:
        OSError: it cannot be looked into: what nobody may list is not empty.
    """
    try:
        found = list(folder.iterdir())
    except FileNotFoundError:
        if folder.is_symlink():
            raise
        return []
    return sorted(one for one in found if fnmatch.fnmatchcase(one.name, pattern))


def read_table(path: Path, broken: Callable[[str], GaiaError], *, most: int = _SMALL) -> dict[str, object] | None:
    """The JSON object in a file of our own, of at most so many bytes; None where there is no file.

    Raises:
        GaiaError: `broken(why)`, where it cannot be read or holds something else. Nothing is guessed.
        PermissionError: that is no damage.
    """
    import json

    try:
        table = json.loads(read_regular(path, most))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        raise
    except OSError as error:
        raise broken(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise broken(f"{path} is damaged: {error}") from error
    if not isinstance(table, dict):
        raise broken(f"{path} is damaged: it holds no object")
    return table


def real_path(path: Path) -> Path:
    """`path.resolve()`, but a circle of links is left for opening to find: Python 3.11 raises `RuntimeError` here."""
    return Path(os.path.realpath(path))


def inside(root: Path, relative: str) -> Path:
    """`root/relative`, resolved; `Invalid("path-escapes")` when that leaves `root`, also through a link."""
    path = real_path(root / relative)
    if not path.is_relative_to(real_path(root)):
        raise Invalid("path-escapes", f"{relative!r} leads out of {root}", next_step="Use a path inside the folder.")
    return path


@contextmanager
def exclusive(path: Path) -> Iterator[bool]:
    """Hold an advisory lock on `path` while the block runs; yields False, at once, when somebody else holds it."""
    with _lock_file(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Hold the lock that `exclusive` takes while the block runs, after the one that holds it now. Not reentrant."""
    with _lock_file(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _lock_file(path: Path) -> IO[bytes]:
    """For its owner alone: it may say which process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a+b")
