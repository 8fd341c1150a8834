"""Which moves of resources were begun and did not end: until then neither instance is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Conflict, Next
from gaia.kit.lines import LinesAt
from gaia.operations.journal import read
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gaia.platform.workplace import Workplace
    from gaia.stacks.model import Instance


def folder_of(workplace: Workplace, target: InstanceKey) -> Path:
    """Where the journal of moves to an instance is."""
    return workplace.folder / "moves" / target.folder


def unfinished(workplace: Workplace) -> Iterator[tuple[str, str]]:
    """The moves that did not end: the target's key, and what the source is."""
    for path in sorted((workplace.folder / "moves").glob("*/*/journal.jsonl")):
        entries = read(LinesAt(path))
        if entries and entries[-1].kind != "moved":
            begun = next(entry for entry in entries if entry.kind == "moving")
            yield str(begun.facts["target"]), str(begun.facts["source"])


def check_moved(workplace: Workplace, instance: Instance) -> None:
    """Raise `Conflict("move-unfinished")` where a move from or to an instance did not end."""
    for target, source in unfinished(workplace):
        if str(instance.key) in (target, source):
            key = InstanceKey.parse(target)
            raise Conflict(
                "move-unfinished",
                f"a move of resources from {source} to {target} was begun and did not end",
                next_step=Next("move", key.component, "Finish it first: with --resume", stack=key.stack),
            )
