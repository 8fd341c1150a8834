"""In which order a list stands, and behind what a page of it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sqlalchemy import literal, tuple_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select

Sort: TypeAlias = Literal["asked", "name", "stack"]
"""`asked`: by when it was asked for; `name`: by the service's name; `stack`: by the stack, and there by name."""


@dataclass(frozen=True, slots=True)
class Sorting:
    """What a list is sorted by."""

    by: Sort
    descending: bool = False
    after: tuple[str, ...] = ()
    """Of the last of the page before, what the list is sorted by; empty: the list begins."""


def in_order(statement: Select[Any], columns: Sequence[ColumnElement[Any]], sorting: Sorting) -> Select[Any]:
    """The rows of a statement in the order of these columns, which tell them all apart, from where a page goes on."""
    if sorting.after:
        here, there = tuple_(*columns), tuple_(*map(literal, sorting.after))
        statement = statement.where(here < there if sorting.descending else here > there)
    return statement.order_by(*(one.desc() if sorting.descending else one for one in columns))
