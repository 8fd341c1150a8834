"""When an instance is looked at by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Invalid, Position
from gaia.operations.drift.schedule import DAILY, is_due, next_after, read_at_once, read_every

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def place(_: Sequence[str | int]) -> Position:
    """Where it stands."""
    return Position("stacks/dev.yaml", 4)


def settings(every: object) -> dict[str, object]:
    """As a stack has them."""
    return {"gaia": {"drift": {"every": every}}}


@pytest.mark.parametrize(
    ("given", "every"),
    [({}, DAILY), ({"gaia": {"drift": {"ignore": []}}}, DAILY), ({"gaia": "x"}, DAILY), (settings("6h"), DAILY / 4),
     (settings("off"), None), (settings(False), None), (settings("15m"), DAILY / 96), (settings("4w"), 28 * DAILY)],
)  # fmt: skip
def test_how_often(given: dict[str, object], every: timedelta | None) -> None:
    """Daily where nothing is said; YAML's `off` is a truth value."""
    assert read_every(given, place) == every


@pytest.mark.parametrize(
    "given", ["14m", "5w", "", "daily", 6, True, [], {"h": 6}, "-1h", "6h; rm", "\x1b[31m", "9" * 99]
)
def test_what_is_no_length_of_time(given: object) -> None:
    """Is an error at its line, with its first characters."""
    with pytest.raises(Invalid) as caught:
        read_every(settings(given), place)
    assert (caught.value.code, str(caught.value.at)) == ("drift-every-invalid", "stacks/dev.yaml:4:1")
    assert len(caught.value.message) < 150


@pytest.mark.parametrize("given", [0, 17, True, "2", 1.5, []])
def test_what_is_no_number_at_once(given: object) -> None:
    """One where nothing is said."""
    assert (read_at_once(None), read_at_once(16)) == (1, 16)
    with pytest.raises(Invalid, match="at_once"):
        read_at_once(given)


def test_each_has_a_time_of_its_own() -> None:
    """A thousand daily ones are spread over the day: no hour has twice its share."""
    hours = [0] * 24
    for number in range(1000):
        hours[next_after(f"acme-use1-dev/s{number}", DAILY, NOW).hour] += 1
    assert sum(hours) == 1000
    assert max(hours) < 2 * 1000 / 24


@pytest.mark.parametrize("every", [timedelta(minutes=15), timedelta(hours=7), DAILY, timedelta(weeks=4)])
def test_it_is_due_once_each_time(every: timedelta) -> None:
    """From its time on, until it was looked at; however many times were missed, once."""
    key, second = "acme-use1-dev/vpc", timedelta(seconds=1)
    then = next_after(key, every, NOW)
    assert NOW < then <= NOW + every
    assert not is_due(key, every, NOW, then - second)
    assert is_due(key, every, NOW, then + second)
    assert not is_due(key, every, then + second, then + every - second)
    assert is_due(key, every, NOW, then + 10 * every)
    assert not is_due(key, every, then + 10 * every, then + 10 * every + second)


def test_a_clock_that_jumps_back_stops_nothing() -> None:
    """It is looked at once more, and then in its time."""
    later = NOW + 3 * DAILY
    assert is_due("a/b", DAILY, later, NOW)
    assert not is_due("a/b", DAILY, NOW, NOW)
