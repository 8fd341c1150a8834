"""Lists that people sort by their headings: what an address asks for, and where each heading leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Column:
    """What a list has of each thing."""

    title: str
    by: str = ""
    """What the address calls it where the list can be sorted by it."""
    descending: bool = False
    """Whether who sorts by it wants the last first: the newest, for instance."""
    kind: str = ""
    """How the style knows it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a column."""

    title: str
    kind: str
    path: str
    """Where the list is sorted by it, or the other way around; empty where it cannot be."""
    way: str
    """`ascending` or `descending` where the list is sorted by it."""


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted."""

    by: str
    descending: bool
    text: str
    """As an address asks for it: `name` or `-name`; empty where none is asked for."""


def asked(text: str, columns: Sequence[Column], otherwise: str) -> Order:
    """What a text asks for, or else `otherwise`; what no column is called is as nothing."""
    known = {one.by for one in columns if one.by}
    given = text if text.removeprefix("-") in known else ""
    wanted = given or otherwise
    return Order(wanted.removeprefix("-"), wanted.startswith("-"), given)


def headings(columns: Sequence[Column], order: Order, address: Callable[[str], str]) -> list[Heading]:
    """Those of a list that is sorted so; `address` makes one of what is asked for."""
    found = []
    for one in columns:
        here = bool(one.by) and one.by == order.by
        last_first = not order.descending if here else one.descending
        path = address(f"{'-' if last_first else ''}{one.by}") if one.by else ""
        way = ("descending" if order.descending else "ascending") if here else ""
        found.append(Heading(one.title, one.kind, path, way))
    return found
