"""What a preview changes, as people read it: by instance, by resource, by attribute."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.kit.visible import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gaia.platform.model import Change

ORDER = ("replace", "delete", "update", "create", "import", "move", "forget")
"""The actions, what is felt most first."""
SIGNS: Mapping[str, str] = {
    "create": "+", "update": "~", "delete": "\u2212", "replace": "±", "import": "↓", "move": "→", "forget": "·",
}  # fmt: skip
_MOST_ROWS, _LONGEST = 200, 600
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Row:
    """One attribute that differs. `before` and `after` are None where there is none."""

    path: str
    before: str | None
    after: str | None
    forces: bool
    """Whether it cannot be changed without making the resource anew."""


@dataclass(frozen=True, slots=True)
class Touched:
    """One resource, and what becomes of it."""

    address: str
    action: str
    sign: str
    rows: tuple[Row, ...]
    more: int
    """How many rows are left out."""
    same: int
    """How many attributes stay as they are."""
    reason: str


@dataclass(frozen=True, slots=True)
class Group:
    """One instance, and its resources."""

    instance: str
    touched: tuple[Touched, ...]
    counts: Mapping[str, int]
    """By action, in the order of `ORDER`."""


def counted(changes: Iterable[Change]) -> dict[str, int]:
    """How many resources are changed in which way."""
    found = Counter(one.action for one in changes)
    return {action: found[action] for action in ORDER if found[action]}


def grouped(changes: Sequence[Change]) -> tuple[Group, ...]:
    """The changes by instance, as the preview has them; of each instance what is felt most first."""
    by_instance: dict[str, list[Change]] = {}
    for one in changes:
        by_instance.setdefault(one.instance, []).append(one)
    return tuple(
        Group(instance, tuple(_touched(one) for one in sorted(listed, key=_rank)), counted(listed))
        for instance, listed in by_instance.items()
    )


def _rank(change: Change) -> int:
    return ORDER.index(change.action) if change.action in ORDER else len(ORDER)


def _touched(change: Change) -> Touched:
    before, after = dict(_leaves(change.before)), dict(_leaves(change.after))
    paths = list(dict.fromkeys((*after, *before)))
    different = [path for path in paths if before.get(path, _ABSENT) != after.get(path, _ABSENT)]
    rows = [
        Row(path, _text(before, path), _text(after, path), path in change.forced_by)
        for path in sorted(different, key=lambda path: (path not in change.forced_by, path))
    ]
    return Touched(
        change.address,
        change.action,
        SIGNS.get(change.action, "·"),
        tuple(rows[:_MOST_ROWS]),
        max(0, len(rows) - _MOST_ROWS),
        len(paths) - len(different),
        change.reason.removeprefix("replace_because_").replace("_", " "),
    )


def _leaves(node: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value that is no map or list, with its path; nothing of what is null or empty."""
    if isinstance(node, dict):
        for name, child in node.items():
            yield from _leaves(child, f"{path}.{name}" if path else str(name))
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from _leaves(child, f"{path}[{index}]")
    elif node is not None and node != "":
        yield path, node


def _text(values: Mapping[str, object], path: str) -> str | None:
    if path not in values:
        return None
    value = values[path]
    return cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str), _LONGEST)
