"""gaia.kit.clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.kit import clock


def test_now_is_aware_and_in_utc() -> None:
    """No naive time comes from here."""
    assert clock.now().tzinfo is UTC


def test_the_text_form_is_rfc_3339_with_milliseconds_and_a_z() -> None:
    """A time in another zone is written in UTC."""
    moment = datetime(2026, 11, 23, 23, 5, 8, 123456, tzinfo=timezone(timedelta(hours=2)))
    assert clock.rfc3339(moment) == "2026-11-23T21:05:08.123Z"


def test_a_text_without_an_offset_is_refused() -> None:
    """Nobody can tell which time it means."""
    with pytest.raises(ValueError, match="2026"):
        clock.parse_rfc3339("2026-11-23T21:05:08")


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(9998, 1, 1)))  # noqa: DTZ001 - made aware below
def test_parsing_is_the_inverse_up_to_the_millisecond(moment: datetime) -> None:
    """What was written is read back, and sorts as text like it sorts in time."""
    aware = moment.replace(tzinfo=UTC)
    back = clock.parse_rfc3339(clock.rfc3339(aware))
    assert aware - timedelta(milliseconds=1) < back <= aware
    assert back.tzinfo is UTC
