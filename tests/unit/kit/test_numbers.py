"""Whole numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.kit.numbers import whole


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("7", 7), ("3650", 3650), ("0000000000000007", 7), ("0" * 9999 + "12", 12), ("3651", None),
        ("00000000199999", None), ("000000001999999999999", None), ("9" * 9999, None), ("", None), ("-1", None),
        ("+1", None), (" 1", None), ("1_0", None), ("1.0", None), ("²", None), ("\uff11", None), ("\u0667", None),
    ],
)  # fmt: skip
def test_all_of_a_text_is_read_or_nothing(text: str, number: int | None) -> None:
    """A number of any length is one, or too large; what only looks like one is none."""
    assert whole(text, 3650) == number


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_a_number_is_itself_up_to_the_limit(number: int, most: int) -> None:
    """And none above it."""
    assert whole(str(number), most) == (number if number <= most else None)
