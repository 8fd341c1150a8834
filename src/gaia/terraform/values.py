"""Walking JSON values beside the mark trees (`after_unknown`, `after_sensitive`, …) that Terraform keeps with them.

A mark tree is `true` (everything below is marked), `false`, or a map or list with the marks of the children.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]
UNKNOWN = "(known after apply)"
"""What people see of a value that no one knows yet, in Terraform's words."""


def child_mark(mark: object, key: str | int) -> object:
    """The mark of one child: `True` is inherited, a missing child is unmarked."""
    if mark is True:
        return True
    if isinstance(mark, dict):
        return mark.get(key, False)
    if isinstance(mark, list) and isinstance(key, int) and key < len(mark):
        return mark[key]
    return False


def any_mark(mark: object) -> bool:
    """Whether anything in the tree is marked."""
    if isinstance(mark, dict):
        return any(any_mark(child) for child in mark.values())
    if isinstance(mark, list):
        return any(any_mark(child) for child in mark)
    return mark is True


def union(left: object, right: object) -> object:
    """The marks of both trees."""
    if left is True or right is True:
        return True
    if isinstance(left, dict) and isinstance(right, dict):
        return {key: union(left.get(key, False), right.get(key, False)) for key in left.keys() | right.keys()}
    if isinstance(left, list) and isinstance(right, list):
        size = max(len(left), len(right))
        return [union(child_mark(left, at), child_mark(right, at)) for at in range(size)]
    return left or right or False


def marked(value: object, mark: object) -> Iterator[object]:
    """Every topmost marked value that is not null."""
    if mark is True:
        if value is not None:
            yield value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from marked(child, child_mark(mark, key))
    elif isinstance(value, list):
        for at, child in enumerate(value):
            yield from marked(child, child_mark(mark, at))


def at_path(value: object, path: Path) -> object:
    """The value at `path`, or None where there is nothing."""
    for key in path:
        if isinstance(value, dict):
            value = value.get(str(key))
        elif isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
            value = value[key]
        else:
            return None
    return value
