"""The deep merge: later over earlier, maps recursively, lists by strategy, anything else replaced.

Inputs are never changed. Parts that only one input has are shared with the result, not copied, so results must not be
changed either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit.shapes import as_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REPLACE, APPEND, MERGE = STRATEGIES = ("replace", "append", "merge")
APPENDED = "__atmos_append__"
"""The only key of the wrapper that `!append` makes: its list goes behind the existing one, whatever the strategy."""


MAX_ITEMS = 100_000


def check_strategy(name: str) -> str:
    """`name`, when it is a list strategy.

    Raises:
        Invalid: `list-strategy`.
    """
    if name not in STRATEGIES:
        raise Invalid(
            "list-strategy",
            f"{name!r} is not a way to merge lists",
            next_step=f"Use one of {', '.join(STRATEGIES)} in settings.list_merge_strategy.",
        )
    return name


def deep_merge(maps: Sequence[Mapping[str, object]], strategy: str = REPLACE) -> dict[str, object]:
    """The maps merged from left to right. No input gives the empty map.

    Raises:
        Invalid: `list-strategy`.
    """
    check_strategy(strategy)
    merged = combine([dict(one) for one in maps if one] or [{}], strategy)
    if not isinstance(merged, dict):
        raise TypeError("the merge of maps is a map")
    return merged


def combine(values: Sequence[object], strategy: str) -> object:
    """What is left of the values of one key, weakest first. Equal to folding them pairwise."""
    last = values[-1]
    if len(values) == 1:
        return last
    for value in values:
        if isinstance(value, dict) and APPENDED in value and is_append(value):
            return _fold_appends(values, strategy)
    if isinstance(last, dict):
        return _maps(values[trailing(values, dict) :], strategy)
    if isinstance(last, list) and strategy != REPLACE:
        return _lists(values[trailing(values, list) :], strategy)
    return last


def trailing(values: Sequence[object], kind: type) -> int:
    """Where the last unbroken run of values of this kind begins: what stands before was replaced as a whole."""
    index = len(values)
    while index and isinstance(values[index - 1], kind):
        index -= 1
    return index


def is_append(value: object) -> bool:
    """Whether this is the wrapper of `!append`."""
    return isinstance(value, dict) and APPENDED in value and len(value) == 1 and isinstance(value[APPENDED], list)


def holds_append(value: dict[str, object]) -> bool:
    """Whether a map holds wrappers of `!append` that a merge uses up: not inside of lists."""
    if APPENDED in value:
        return True
    return any(type(inner) is dict and holds_append(inner) for inner in value.values())


def _maps(maps: Sequence[object], strategy: str) -> object:
    if len(maps) == 1:
        return maps[0]
    result: dict[str, object] = {}
    several: dict[str, list[object]] = {}
    for one in maps:
        if not isinstance(one, dict):
            raise TypeError("a run of maps holds only maps")
        for key, value in one.items():
            if key not in result:
                result[key] = value
            elif key in several:
                several[key].append(value)
            elif value is not result[key] or strategy != REPLACE or (type(value) is dict and holds_append(value)):
                several[key] = [result[key], value]
    for key, values in several.items():
        result[key] = combine(values, strategy)
    return result


def _lists(lists: Sequence[object], strategy: str) -> list[object]:
    result: list[object] = []
    for one in lists:
        if not isinstance(one, list):
            raise TypeError("a run of lists holds only lists")
        if strategy == APPEND:
            result.extend(one)
            _refuse_long(result)
            continue
        for index, value in enumerate(one):
            if index >= len(result):
                result.append(value)
            elif isinstance(value, dict) and isinstance(result[index], dict):
                result[index] = combine([result[index], value], strategy)
    return result


def _fold_appends(values: Sequence[object], strategy: str) -> object:
    result = values[0]
    for value in values[1:]:
        if isinstance(value, dict) and is_append(value):
            result = [*_items(result), *_items(value)]
            _refuse_long(result)
        else:
            result = combine([_items(result) if is_append(result) else result, value], strategy)
    return result


def together(values: Sequence[object], strategy: str) -> object:
    """What is left of the values of one key of which some are functions or were given by them, weakest first.

    As Atmos does it there: the first value decides whether it is about maps, lists or neither.
    """
    first, *others = values
    if isinstance(first, list) and strategy == APPEND:
        return [item for one in values if isinstance(one, list) for item in one] or None
    if isinstance(first, dict) or (isinstance(first, list) and strategy == MERGE):
        for one in others:
            if not isinstance(one, type(first)):
                return one
            first = _over(first, one)
        return first
    return values[-1]


def _over(first: object, other: object) -> object:
    """A map over a map, or the elements of a list over those at their places."""
    if not isinstance(first, list) or not isinstance(other, list):
        return combine([first, other], REPLACE)
    pairs = zip(first, other, strict=False)
    return [*(combine(pair, REPLACE) for pair in pairs), *first[len(other) :], *other[len(first) :]]


def _refuse_long(items: list[object]) -> None:
    """Files that import each other twice double a list at every level: end that before the memory does."""
    if len(items) > MAX_ITEMS:
        raise Invalid(
            "list-too-long",
            f"appending gives a list of more than {MAX_ITEMS:,} elements",
            next_step="Import each file once, or replace lists instead of appending to them.",
        )


def _items(value: object) -> list[object]:
    if isinstance(value, dict) and is_append(value):
        value = value[APPENDED]
    return as_list(value)
