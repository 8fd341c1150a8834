"""Lengths of time as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.kit import spans


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30m", timedelta(minutes=30)), ("12h", timedelta(hours=12)), (" 7d ", timedelta(days=7)),
        ("4w", timedelta(weeks=4)), ("99999w", timedelta(weeks=99999)),
    ],
)  # fmt: skip
def test_what_is_read(text: str, span: timedelta) -> None:
    """A number and a unit."""
    assert spans.parse(text) == span


@pytest.mark.parametrize("text", ["", "7", "0d", "-1d", "7 d", "1.5h", "7D", "1y", "100000d", "\u0667d", "7d\x1b[31m"])
def test_what_is_none(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r"."):
        spans.parse(text or " ")


@given(st.integers(1, 99999), st.sampled_from("mhdw"))
def test_what_is_written_is_read_again(number: int, unit: str) -> None:
    """Whole minutes, hours and days; weeks are written in days."""
    span = spans.parse(f"{number}{unit}")
    if span < timedelta(days=99999) and span.total_seconds() // 60 < 99999:
        assert spans.parse(spans.text(span)) == span


def test_minutes_that_were_begun_are_left_out() -> None:
    """Of 90 minutes and some, 90 are written."""
    assert spans.text(timedelta(minutes=90, seconds=59)) == "90m"
