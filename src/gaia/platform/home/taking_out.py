"""The folder that a backup is taken out into, and what becomes of it when its restore is killed: it holds keys."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.kit.files import exclusive, write_failed

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = ".gaia-restore-"
_LOCK = "restore.lock"
_YOUNG = 60.0
"""Seconds in which a folder without a lock may still get its lock."""


@contextmanager
def folder_beside(home: Path, *, dry_run: bool) -> Iterator[Path]:
    """A private folder, on the file system of the home where it is to become one; gone when the block ends.

    Those of restores that were killed are taken away first.

    Raises:
        Unavailable: `disk-full` and the like.
    """
    take_away(home)
    beside = None if dry_run else home.parent
    try:
        if beside is not None:
            beside.mkdir(parents=True, exist_ok=True)
        made = tempfile.TemporaryDirectory(prefix=_PREFIX, dir=beside)
    except OSError as error:
        raise write_failed(home, error) from error
    with made as name, exclusive(Path(name) / _LOCK):
        yield Path(name)


def take_away(home: Path) -> int:
    """Remove what killed restores left, here and in the folder for temporary files; how many that were."""
    number = 0
    for place in {home.parent, Path(tempfile.gettempdir())}:
        for folder in sorted(place.glob(f"{_PREFIX}*")):
            with suppress(OSError):  # somebody else's, or gone meanwhile
                number += _take_away(folder)
    return number


def _take_away(folder: Path) -> bool:
    about = folder.lstat()
    if folder.is_symlink() or not folder.is_dir() or about.st_uid != os.getuid():
        return False
    if not (folder / _LOCK).exists() and time.time() - about.st_mtime < _YOUNG:
        return False
    with exclusive(folder / _LOCK) as free:
        if free:
            shutil.rmtree(folder)
    return free
