"""A parsed file and the place of each of its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gaia.errors import Position

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Mark(NamedTuple):
    """Where a node stands. `key_*` is the place of its key, or its own in a list and at the root; from 1."""

    key_line: int
    key_column: int
    line: int
    column: int
    children: Mapping[str, Mark] | Sequence[Mark] | None


NOWHERE = Mark(1, 1, 1, 1, None)
"""The mark of what has no better place in a file than its beginning."""


class Document:
    """A parsed file: plain Python data (dict with str keys, list, scalars) and the marks beside it.

    Marks that are not there yet are made when a position is first asked for.
    """

    __slots__ = ("_again", "_mark", "file", "value")

    def __init__(
        self, file: str, value: object, mark: Mark | None = None, again: Callable[[], Mark] | None = None
    ) -> None:
        self.file = file
        self.value = value
        self._mark = mark
        self._again = again

    @property
    def mark(self) -> Mark:
        """The marks of the whole tree."""
        if self._mark is None:
            self._mark = self._again() if self._again else NOWHERE
            self._again = None
        return self._mark

    def holding(self, value: object) -> Document:
        """Another value, at the same places."""
        return Document(self.file, value, self._mark, None if self._mark else lambda: self.mark)

    def mark_of(self, path: Sequence[str | int]) -> Mark:
        """The mark of the node at `path`, or of the nearest node above it."""
        mark = self.mark
        for step in path:
            inner = _child(mark.children, step)
            if inner is None:
                break
            mark = inner
        return mark

    def at(self, path: Sequence[str | int] = ()) -> Position:
        """Where the key of `path` is written (a list's element: where the element begins)."""
        mark = self.mark_of(path)
        return Position(self.file, mark.key_line, mark.key_column)


def _child(children: Mapping[str, Mark] | Sequence[Mark] | None, step: str | int) -> Mark | None:
    if isinstance(children, dict):
        return children.get(step)
    if isinstance(children, list) and isinstance(step, int) and step < len(children):
        mark: Mark = children[step]
        return mark
    return None
