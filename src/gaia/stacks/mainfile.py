"""Where a repository's main file is: known without reading any."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAMES = ("atmos.yaml", ".atmos.yaml", "atmos.yml", ".atmos.yml")
NAMING = ("ATMOS_CONFIG", "ATMOS_CONFIG_PATH")
"""Variables that name configuration files, and folders with one each; several with commas."""
CHOOSING = ("ATMOS_CLI_CONFIG_PATH", "ATMOS_BASE_PATH", "GAIA_AROUND", *NAMING)
"""Variables that name a repository."""


def main_file(folder: Path) -> Path | None:
    """The main file in a folder, or None."""
    return next((folder / name for name in NAMES if (folder / name).is_file()), None)


def main_file_near(folder: Path) -> Path | None:
    """The main file in a folder or in the nearest one above it that has one, or None."""
    return next((found for one in (folder, *folder.parents) if (found := main_file(one)) is not None), None)


def root_near(folder: Path) -> Path | None:
    """The folder of that file: the repository that somebody who stands in `folder` is in."""
    found = main_file_near(folder)
    return None if found is None else found.parent


def unread(main: Path) -> str:
    """What to say where other main files lie beside the one that is read; empty where none does."""
    others = [name for name in NAMES if name != main.name and (main.parent / name).is_file()]
    if not others:
        return ""
    return f"{main} is read, and {', '.join(others)} beside it is not: a folder has one main file."


def repository_near(folder: str, environ: Mapping[str, str]) -> bool:
    """Whether a repository may be around: a variable names one, or a main file is in the folder or above it.

    As `main_file_near`, without what the help need not import.
    """
    if any(environ.get(name) for name in CHOOSING):
        return True
    while True:
        if any(os.path.isfile(f"{folder}/{name}") for name in NAMES):  # noqa: PTH113 - pathlib is not imported for the help
            return True
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            return False
        folder = above
