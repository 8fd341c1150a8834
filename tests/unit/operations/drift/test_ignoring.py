"""Rules that let drift be: bounded, and never silent about themselves."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Position
from gaia.operations.drift.ignoring import Rule, fits, read_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

TODAY = date(2026, 11, 29)
RULE: dict[str, Any] = {
    "resource": "aws_autoscaling_group.*",
    "attribute": "desired_capacity",
    "between": [1, 10],
    "until": "2027-03-31",
    "reason": "the autoscaler sets it",
}


def place(path: Sequence[str | int]) -> Position:
    """Rule N stands in line N + 1."""
    return Position("stacks/dev.yaml", int(path[-1]) + 1 if isinstance(path[-1], int) else 99)


def read(*rules: object) -> tuple[tuple[Rule, ...], tuple[tuple[str, Position], ...]]:
    """The rules of settings with this list."""
    return read_rules({"gaia": {"drift": {"ignore": list(rules)}}}, place, TODAY)


def test_a_rule() -> None:
    """All of its bounds are there."""
    rules, broken = read(RULE)
    assert broken == ()
    [one] = rules
    assert (one.between, one.until, one.at.line) == ((1.0, 10.0), date(2027, 3, 31), 1)
    assert one.fits("aws_autoscaling_group", "aws_autoscaling_group.this", "desired_capacity", 7)
    for value in (0, 11, None, "7", True, [7]):
        assert not one.fits("aws_autoscaling_group", "aws_autoscaling_group.this", "desired_capacity", value)


def test_a_pattern_of_texts() -> None:
    """Keys of addresses stand for themselves."""
    given = {**RULE, "resource": 'aws_s3_bucket.this["a"]', "attribute": "tags.Last*", "matching": "20??-*"}
    del given["between"]
    [one], broken = read(given)
    assert broken == ()
    assert one.fits("aws_s3_bucket", 'aws_s3_bucket.this["a"]', "tags.LastScan", "2026-11-29")
    assert not one.fits("aws_s3_bucket", 'aws_s3_bucket.this["b"]', "tags.LastScan", "2026-11-29")
    assert not one.fits("aws_s3_bucket", 'aws_s3_bucket.this["a"]', "tags.LastScan", "never")
    assert not one.fits("aws_s3_bucket", 'aws_s3_bucket.this["a"]', "tags.LastScan", None)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"until": None}, "does not say until"),
        ({"reason": ""}, "does not say reason"),
        ({"resource": None, "attribute": None}, "does not say resource and attribute"),
        ({"matching": "x"}, "neither between nor matching, or both"),
        ({"between": [10, 1]}, "no pair of numbers"),
        ({"between": ["1", 2]}, "no pair of numbers"),
        ({"between": 5}, "no pair of numbers"),
        ({"until": "soon"}, "no day such as"),
        ({"until": {}}, "write the day in quotes"),
        ({"until": "2028-01-01"}, "more than a year away"),
        ({"resource": "*"}, "no type in full"),
        ({"resource": "a*"}, "no type in full"),
        ({"resource": "aws_*"}, "no type in full"),
        ({"resource": "module.net.*"}, "no type in full"),
        ({"attribute": "*.*"}, "not in full"),
        ({"attribute": "*e*"}, "not in full"),
        ({"attribute": "t*.Name"}, "not in full"),
        ({"between": None, "matching": "*"}, "fits nearly every text"),
        ({"between": None, "matching": "*e*"}, "fits nearly every text"),
        ({"between": None, "matching": "???"}, "fits nearly every text"),
        ({"between": [-math.inf, math.inf]}, "fits every number"),
        ({"between": [0, 1e300]}, "fits every number"),
        ({"between": [math.nan, math.nan]}, "no pair of numbers"),
        ({"reason": 5}, "reason is no text"),
        ({"reason": "x" * 300}, "reason is no text"),
        ({"expires": "2027-01-01"}, "nothing is called expires"),
    ],
)
def test_what_is_malformed_lets_nothing_be(change: dict[str, object], why: str) -> None:
    """It is named with its place, and the others hold."""
    rule = {**RULE, **change}
    if "matching" in change and "between" in change:
        del rule["between"]
    rules, broken = read(RULE, rule)
    assert len(rules) == 1
    [(reason, at)] = broken
    assert why in reason
    assert at.line == 2


def test_what_has_expired_is_named() -> None:
    """On its last day it still holds."""
    assert read({**RULE, "until": "2026-11-29"})[1] == ()
    _, broken = read({**RULE, "until": "2026-11-28"})
    assert broken == (("it expired on 2026-11-28: the autoscaler sets it", Position("stacks/dev.yaml", 1)),)


def test_other_shapes() -> None:
    """No rules, no list, no mapping."""
    assert read_rules({}, place, TODAY) == ((), ())
    assert read_rules({"gaia": {"drift": {}}}, place, TODAY) == ((), ())
    assert read_rules({"gaia": {"drift": {"ignore": {}}}}, place, TODAY)[1][0][0] == "it is no list of rules"
    assert read("x")[1][0][0] == "it is no mapping"


@pytest.mark.parametrize(
    ("pattern", "text", "does"),
    [
        ("a*c", "abbc", True),
        ("a*c", "abbd", False),
        ("*", "", True),
        ("", "", True),
        ("", "a", False),
        ("a?", "a", False),
        ("*a*a*a*", "aa", False),
        ("[a]", "[a]", True),
        ("[a]", "a", False),
        ("a**b", "ab", True),
    ],
)
def test_patterns(pattern: str, text: str, does: bool) -> None:
    """`*` is any text, `?` one character, everything else itself."""
    assert fits(pattern, text) is does


@given(st.text("ab*?", max_size=12), st.text("ab", max_size=12))
def test_patterns_as_the_standard_library_reads_them(pattern: str, text: str) -> None:
    """The same answers, in time that cannot explode."""
    from fnmatch import fnmatchcase

    assert fits(pattern, text) is fnmatchcase(text, pattern)


def test_a_pattern_that_a_naive_reader_would_hang_on() -> None:
    """Ends at once."""
    assert not fits("a*" * 90 + "b", "a" * 5000)
