"""What of a pull request was applied while it was open: states that are as its branch says, and not as the base does.

Kept, so that its instances are its own until it ends, and what is pushed later is shown for what it is.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from gaia.kit.shapes import as_map, as_texts

if TYPE_CHECKING:
    from gaia.ci.storage.kept import Kept


@dataclass(frozen=True, slots=True)
class BeforeMerge:
    """Of one pull request, all its applications together."""

    head: str = ""
    """The commit of the last one."""
    by: str = ""
    """Who asked for that."""
    begun: tuple[str, ...] = ()
    """Instances that it may have changed."""
    done: tuple[str, ...] = ()
    """Those that it has."""

    def __or__(self, later: BeforeMerge) -> BeforeMerge:
        begun, done = dict.fromkeys((*self.begun, *later.begun)), dict.fromkeys((*self.done, *later.done))
        return BeforeMerge(later.head, later.by, tuple(begun), tuple(done))


def before_merge_of(kept: Kept, number: int) -> BeforeMerge:
    """What is known of a pull request."""
    found = as_map(kept.get(_name(number)))
    texts = {name: as_texts(found.get(name)) for name in ("begun", "done")}
    return BeforeMerge(
        str(found.get("head") or ""), str(found.get("by") or ""), tuple(texts["begun"]), tuple(texts["done"])
    )


def note_before_merge(kept: Kept, number: int, early: BeforeMerge) -> None:
    """Add to that."""
    kept.put(_name(number), asdict(before_merge_of(kept, number) | early))


def _name(number: int) -> str:
    return f"early/{number}"
