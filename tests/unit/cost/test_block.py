"""Attributes of resources and blocks, read typed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gaia.cost.block import Block


@pytest.mark.parametrize(
    ("value", "text", "number", "flag"),
    [
        ("gp3", "gp3", None, False),
        ("", None, None, False),
        (None, None, None, False),
        ("256", "256", Decimal(256), False),
        (0.5, "0.5", Decimal("0.5"), False),
        (0, "0", Decimal(0), False),
        (True, "True", None, True),
        ("true", "true", None, True),
        ("NaN", "NaN", None, False),
        ([1], None, None, False),
        ({"a": 1}, None, None, False),
    ],
)
def test_a_value_is_read_as_what_is_wanted(value: object, text: str | None, number: Decimal | None, flag: bool) -> None:
    """Nothing where it is something else."""
    block = Block({"a": value}, {})
    assert (block.text("a"), block.number("a"), block.flag("a")) == (text, number, flag)
    assert (Block({}, {}).text("a"), Block({}, {}).number("a"), Block({}, {}).flag("a")) == (None, None, False)


def test_lists_are_read_and_counted() -> None:
    """Members that are unknown count too."""
    block = Block({"a": ["x", None], "b": [], "d": {"k": "v"}}, {"a": [False, True], "c": [True, True, True]})
    assert (block.texts("a"), block.texts("c")) == (("x",), ())
    assert [block.count(name) for name in "abcde"] == [2, 0, 3, 1, 0]
    assert [block.has(name) for name in "abcd"] == [True, False, False, True]


def test_what_is_configured_and_unknown_is_a_doubt() -> None:
    """Only where it was asked for; what the provider alone decides is none."""
    block = Block({"set": 1}, {"size": True, "id": True, "set": True}, {"size": {"references": ["x"]}, "set": {}})
    assert block.has("size")
    assert not block.has("id")
    assert block.doubts == set()
    assert (block.text("size"), block.text("id"), block.number("set")) == (None, None, Decimal(1))
    assert block.doubts == {"size"}
    blind = Block({}, {"size": True})
    blind.number("size")
    assert blind.doubts == {"size"}, "a plan that does not tell what is configured"


def test_blocks_have_their_own_attributes_and_share_doubts() -> None:
    """With the place of each."""
    said = {"disk": [{"size": {"references": ["x"]}}, {"size": {"constant_value": 8}}]}
    block = Block({"disk": [{"kind": "a"}, {"size": 8}]}, {"disk": [{"size": True, "iops": True}, {}]}, said)
    first, second = block.blocks("disk")
    assert (first.text("kind"), first.number("size"), first.number("iops")) == ("a", None, None)
    assert second.number("size") == Decimal(8)
    assert block.doubts == {"disk[0].size"}
    assert block.block("disk").text("kind") == "a"
    assert block.block("none").text("kind") is None
    assert block.blocks("none") == ()


def test_what_is_sensitive_is_told_of_each_block() -> None:
    """Of all of them where the list as a whole is; of none that the list of marks does not reach."""
    disks = {"disk": [{"kind": "a", "size": 1}, {"kind": "b"}, {"kind": "c"}]}

    def secret(number: int, name: str, mask: object) -> bool:
        block = Block(disks, {}, sensitive={"disk": mask})
        block.blocks("disk")[number].text(name)
        return block.asked.sensitive

    marks = [{"kind": True}, False]
    assert [secret(number, "kind", marks) for number in range(3)] == [True, False, False]
    assert not secret(0, "size", marks)
    assert all(secret(number, "kind", True) for number in range(3))


def test_dynamic_blocks_are_more_than_the_configuration_tells() -> None:
    """So that whatever is unknown in them is a doubt; a map is one block."""
    block = Block({"disk": [{}, {}], "map": {"a": 1}}, {"disk": [{"size": True}, {}]}, {})
    assert [one.number("size") for one in block.blocks("disk")] == [None, None]
    assert block.doubts == {"disk[0].size"}
    assert block.block("map").number("a") == 1
