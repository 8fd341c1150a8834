"""Which moves of resources were begun and did not end: until then neither instance is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from gaia.errors import Conflict, Next
from gaia.kit.lines import LinesAt
from gaia.operations.journal import read
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gaia.records.ports import LineFile

S3 = "s3://"
PLACES = (S3, "/")
"""How the place of a state begins, and no instance."""
ENDED = ("moved", "called-off")
"""What the last line of a journal is once nothing is left to do."""


@dataclass(frozen=True, slots=True)
class BegunMove:
    """A move as its journal has it."""

    target: str
    source: str
    """`STACK/COMPONENT`, or the place of a state."""
    pairs: tuple[str, ...]
    outputs: bool
    written: bool
    """Whether the target has got them."""

    @property
    def from_place(self) -> bool:
        """Whether the source is the place of a state, and no instance."""
        return self.source.startswith(PLACES)


def document(folder: Path, target: InstanceKey) -> LinesAt:
    """The journal of moves to an instance; `folder` is that of the workplace."""
    return LinesAt(folder / "moves" / target.folder / "journal.jsonl", below=folder)


def begun(journal: LineFile) -> BegunMove | None:
    """The move that did not end."""
    entries = read(journal)
    if not entries or entries[-1].kind in ENDED:
        return None
    last = max(at for at, entry in enumerate(entries) if entry.kind == "moving")
    facts = entries[last].facts
    return BegunMove(
        str(facts["target"]),
        str(facts["source"]),
        tuple(str(one) for one in cast("list[object]", facts["pairs"])),
        facts["outputs"] is True,
        any(entry.kind == "wrote target" for entry in entries[last:]),
    )


def unfinished(folder: Path) -> Iterator[BegunMove]:
    """The moves that did not end."""
    for path in sorted((folder / "moves").glob("*/*/journal.jsonl")):
        if (one := begun(LinesAt(path))) is not None:
            yield one


def move_in_the_way(folder: Path, held: str, place: Callable[[], str] = str) -> Conflict | None:
    """Why a state may not be changed: a move from or to it was begun and did not end.

    `held` is its instance, or its place where it is nobody's; `place` says where an instance's state lies, for it may
    have been nobody's when the move began.
    """
    for one in unfinished(folder):
        if held in (one.target, one.source) or (one.from_place and one.source == place()):
            key = InstanceKey.parse(one.target)
            return Conflict(
                "move-unfinished",
                f"a move of resources from {one.source} to {one.target} was begun and did not end",
                next_step=Next("move", key.component, "Finish it first", stack=key.stack, options=("--resume",)),
                facts={"target": one.target, "source": one.source, "left": list(one.pairs)},
            )
    return None


def check_moved(folder: Path, held: str, place: Callable[[], str] = str) -> None:
    """Raise `Conflict("move-unfinished")` where a move from or to a state did not end; see `move_in_the_way`."""
    if error := move_in_the_way(folder, held, place):
        raise error
