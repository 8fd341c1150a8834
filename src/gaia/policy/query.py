"""What every engine is asked, and what its answer is unpacked to: one object, a key for each reference.

One question, because each one evaluates what rules share again; comprehensions, because an undefined member would make
the whole object undefined: so what a reference has is a list of one, and of what is undefined an empty one. The process
that evaluates reads this too, so it imports little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def query(references: Sequence[str], *more: str) -> str:
    """The term; a line each, because the embedded engine takes no line without end. `more` are members of its own."""
    members = [f'"{number}": [x | x := {reference}]' for number, reference in enumerate(references)]
    return "{" + ",\n".join([*members, *more]) + "}"


def unpacked(found: object, count: int) -> list[list[object]]:
    """The lists of so many references, each of one value or empty.

    Raises:
        ValueError: it is something else, so the engine has not answered this.
    """
    lists = [found.get(str(number)) for number in range(count)] if isinstance(found, dict) else [None]
    if not all(isinstance(one, list) and len(one) <= 1 for one in lists):
        raise ValueError("its answer has not all that was asked for")
    return [one for one in lists if isinstance(one, list)]
