"""Data of unknown shape is taken as the shape that it should have."""

from __future__ import annotations

import pytest

from gaia.kit.shapes import as_block, as_list, as_map, as_texts, map_at


@pytest.mark.parametrize("other", [None, "text", 1, True, ("a",)])
def test_another_shape_counts_as_empty(other: object) -> None:
    """Nobody's data is refused for it."""
    assert [as_map(other), as_list(other), as_texts(other), as_block(other)] == [{}, [], [], {}]
    assert map_at({"a": other}, "a") == {}


def test_the_right_shape_is_the_value_itself() -> None:
    """Nothing is copied."""
    one, two = {"a": 1}, [1]
    assert as_map(one) is one
    assert as_list(two) is two
    assert map_at({"a": one}, "a") is one
    assert map_at({}, "a") == {}


def test_texts_are_picked_from_a_list() -> None:
    """In their order."""
    assert as_texts(["b", 1, None, "a"]) == ["b", "a"]


@pytest.mark.parametrize(("block", "read"), [({"a": 1}, {"a": 1}), ([{"a": 1}], {"a": 1}), ([{}, {}], {}), ([1], {})])
def test_a_block_is_a_map_or_a_list_of_one(block: object, read: object) -> None:
    """As JSON may have it; a list of several is none."""
    assert as_block(block) == read
