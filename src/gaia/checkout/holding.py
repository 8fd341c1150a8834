"""Who is changing an instance on this machine, from before the plan to the end of its application.

Held by a lock of the system, which goes with the process; the note in the file only says who has it.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.checkout.journal_files import operator
from gaia.errors import Conflict
from gaia.kit import clock
from gaia.kit.files import exclusive, write_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gaia.stacks.model import InstanceKey

_AT_ONCE = 1.0
"""Seconds in which a file is written, on a busy machine too."""


@dataclass
class Held:
    """The instances that one checkout holds, until it is closed or forgotten."""

    _stacks: dict[InstanceKey, ExitStack] = field(default_factory=dict)

    def take(self, folder: Path, key: InstanceKey, act: str) -> None:
        """Hold an instance, whose working directory is `folder`; again is no error.

        Raises:
            Conflict: `operation-running`; `facts` say who, in which process, since when.
        """
        if key in self._stacks:
            return
        with ExitStack() as trying:
            free = trying.enter_context(exclusive(folder / "change.lock"))
            note = folder / "change.json"
            if not free:
                raise _taken(key, _written(note))
            about = {"act": act, "who": operator(), "pid": os.getpid(), "since": clock.rfc3339(clock.now())}
            write_atomic(note, json.dumps(about).encode())
            trying.callback(note.unlink, missing_ok=True)
            self._stacks[key] = trying.pop_all()

    def let_go(self, key: InstanceKey | None = None) -> None:
        """Of one, or of all."""
        for each in [key] if key else list(self._stacks):
            self._stacks.pop(each, ExitStack()).close()


def _written(note: Path) -> Mapping[str, object]:
    """Who has it; whoever has just taken it writes that down at once."""
    until = time.monotonic() + _AT_ONCE
    while not (found := _read(note)) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def _read(note: Path) -> Mapping[str, object]:
    try:
        found = json.loads(note.read_text())
    except (OSError, ValueError):  # it was just taken, or just given back
        return {}
    return found if isinstance(found, dict) else {}


def _taken(key: InstanceKey, note: Mapping[str, object]) -> Conflict:
    said = f": {note['act']} by {note['who']}, process {note['pid']}, since {note['since']}" if note else ""
    return Conflict(
        "operation-running",
        f"another process works on {key}{said}",
        next_step="Wait until it is done.",
        facts={"holder": dict(note)} if note else None,
    )
