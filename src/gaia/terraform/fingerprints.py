"""What the files of a copy hold, so that it can be compared with a later one."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

GONE = ""
"""In place of the fingerprint of a file that there is no more."""


def fingerprints(copy: Path) -> dict[str, str]:
    """By path, what each file of a copy holds, and whether it can be run. Copies have no links."""
    found = {}
    for folder, _, files in os.walk(copy):
        for name in files:
            path = Path(folder) / name
            found[path.relative_to(copy).as_posix()] = fingerprint(path)
    return found


def fingerprint(path: Path) -> str:
    """Of one file."""
    with path.open("rb") as file:
        runs = "x" if os.fstat(file.fileno()).st_mode & 0o100 else ""
        return hashlib.file_digest(file, "sha256").hexdigest() + runs
