"""The deep merge and the provenance that follows it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Invalid
from gaia.kit.yaml import parse
from gaia.stacks.layers import Layer, merged
from gaia.stacks.merge import STRATEGIES, combine, deep_merge

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "y"])
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
MAPS = st.dictionaries(st.sampled_from("abc"), TREES, max_size=3)
STRATEGY = st.sampled_from(STRATEGIES)


@pytest.mark.parametrize(
    ("strategy", "first", "second", "expected"),
    [
        ("replace", {"m": {"a": 1}}, {"m": {}}, {"m": {"a": 1}}),
        ("replace", {"m": [1]}, {"m": {}}, {"m": {}}),
        ("replace", {"l": [1, 2]}, {"l": []}, {"l": []}),
        ("replace", {"m": {"a": 1}}, {"m": None}, {"m": None}),
        ("replace", {"m": None}, {"m": {"a": 1}}, {"m": {"a": 1}}),
        ("replace", {"a": True}, {"a": False}, {"a": False}),
        ("append", {"l": [1]}, {"l": [1, 2]}, {"l": [1, 1, 2]}),
        ("append", {"l": [1]}, {"l": None}, {"l": None}),
        ("merge", {"l": [1, 2, 3]}, {"l": [9]}, {"l": [1, 2, 3]}),
        ("merge", {"l": [{"a": 1}, "s"]}, {"l": [{"b": 2}, "t", "u"]}, {"l": [{"a": 1, "b": 2}, "s", "u"]}),
        ("replace", {"l": [1]}, {"l": {"__atmos_append__": [2]}}, {"l": [1, 2]}),
    ],
)
def test_rules(strategy: str, first: dict[str, object], second: dict[str, object], expected: object) -> None:
    """Maps recurse, lists follow the strategy, everything else is replaced, null too."""
    assert deep_merge([first, second], strategy) == expected


def test_unknown_strategy_is_refused() -> None:
    """The name of a list strategy is checked."""
    with pytest.raises(Invalid, match="zip") as caught:
        deep_merge([{"l": [1]}], "zip")
    assert caught.value.code == "list-strategy"


def test_doubling_lists_end_with_an_error() -> None:
    """A list that doubles at every level is refused long before the memory is full."""

    def double(value: object, times: int) -> object:
        return combine([double(value, times - 1)] * 2, "append") if times else value

    with pytest.raises(Invalid) as caught:
        double([1, 2, 3, 4], 18)
    assert caught.value.code == "list-too-long"


@given(st.lists(MAPS, max_size=4), STRATEGY)
def test_inputs_are_never_changed(maps: list[dict[str, object]], strategy: str) -> None:
    """The merge reads its inputs only, although results share parts with them."""
    before = copy.deepcopy(maps)
    deep_merge(maps, strategy)
    assert maps == before


@given(st.lists(MAPS, min_size=1, max_size=4), STRATEGY)
def test_merging_many_is_folding_pairs(maps: list[dict[str, object]], strategy: str) -> None:
    """All at once gives what one after the other gives."""
    folded: dict[str, object] = {}
    for one in maps:
        folded = deep_merge([folded, one], strategy)
    assert deep_merge(maps, strategy) == folded


UNIFORM = st.fixed_dictionaries(
    {}, optional={"a": st.integers(0, 3), "l": st.lists(st.integers(0, 3), max_size=3),
                  "m": st.fixed_dictionaries({}, optional={"a": st.integers(0, 3), "b": st.integers(0, 3)})}
)  # fmt: skip


@given(UNIFORM, UNIFORM, UNIFORM, STRATEGY)
def test_associative_where_kinds_agree(first: Any, second: Any, third: Any, strategy: str) -> None:
    """Grouping does not matter as long as no key changes between map, list and scalar."""
    left = deep_merge([deep_merge([first, second], strategy), third], strategy)
    assert left == deep_merge([first, deep_merge([second, third], strategy)], strategy)


def test_not_associative_where_a_map_is_replaced() -> None:
    """Grouping matters when a scalar wipes a map, which is why imports are merged file by file."""
    first, second, third = {"a": {"x": 1}}, {"a": 1}, {"a": {"y": 1}}
    assert deep_merge([deep_merge([first, second]), third]) == {"a": {"y": 1}}
    assert deep_merge([first, deep_merge([second, third])]) == {"a": {"x": 1, "y": 1}}


def _layer(name: str, tree: object) -> Layer:
    document = parse(json.dumps(tree).encode(), name)
    return Layer(document.value, document=document)


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, inner in pairs for found in _paths(inner, (*path, key)))]


@given(st.lists(MAPS, min_size=1, max_size=3), st.lists(MAPS, min_size=1, max_size=3), STRATEGY)
def test_provenance_agrees_with_the_merge(
    inner: list[dict[str, object]], outer: list[dict[str, object]], strategy: str
) -> None:
    """For every value of a nested merge, the named winner holds exactly that value at its place."""
    nested = merged([_layer(f"inner{index}", tree) for index, tree in enumerate(inner)], strategy)
    assert nested is not None
    top = merged([nested, *(_layer(f"outer{index}", tree) for index, tree in enumerate(outer))], strategy)
    assert top is not None
    for path in _paths(top.value):
        layer = top.at(path)
        assert layer is not None
        origin = layer.origin()
        assert origin.value == layer.value
        if not isinstance(layer.value, (dict, list)):
            winner = next(layer.leaves())
            assert (winner.value, winner.position) == (layer.value, origin.at)
