"""A home in which everything is old, and what cleaning it takes."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

from gaia.kit import clock
from gaia.platform.serving.retention import Retention, clean

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.platform.loop import Loop

    from gaia.platform.model import Leftover

OLD = timedelta(days=100)


def age(folder: Path, by: timedelta = OLD) -> None:
    """Everything in it was written that long ago."""
    then = (clock.now() - by).timestamp()
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (then, then), follow_symlinks=False)


def names(found: tuple[Leftover, ...], kind: str) -> list[str]:
    """The names of the things of a kind."""
    return [one.name for one in found if one.kind == kind]


def cleaned(home: Loop, *, dry_run: bool = False) -> tuple[Leftover, ...]:
    """By the defaults, with everything old."""
    age(home.platform.home)
    if home.platform.snapshot.folder.exists():
        age(home.platform.snapshot.folder)
    return clean(home.platform, Retention(), actor="engine", dry_run=dry_run)
