"""Differences between two priced moments."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gaia.cost.diff import difference, merged_name
from gaia.cost.priced import Item, Line, totalled

HOUR = Decimal(730)


def _instance(size: str, price: str) -> Item:
    usd = Decimal(price)
    line = Line(f"Instance usage (Linux/UNIX, on-demand, {size})", "hours", Decimal(1), HOUR, usd, usd, usd * HOUR)
    storage = Line("Storage", "GB", Decimal(1), HOUR, Decimal("0.1"), Decimal("0.1"), Decimal(73))
    return totalled("aws_instance.this", "aws_instance", (line,), (totalled("root_block_device", "", (storage,)),))


def test_another_size_is_one_line_with_both_names() -> None:
    """Lines pair by the text before their labels; groups without a change are left out."""
    (item,) = difference([_instance("m5.4xlarge", "0.768")], [_instance("m5.8xlarge", "1.536")])
    (line,) = item.lines
    assert line.name == "Instance usage (Linux/UNIX, on-demand, m5.4xlarge → m5.8xlarge)"
    assert (line.price, line.monthly_quantity, line.monthly_cost) == (Decimal("0.768"), Decimal(0), Decimal("560.64"))
    assert item.groups == ()
    assert item.monthly_cost == Decimal("560.64")


def test_equal_moments_differ_in_nothing() -> None:
    """An unchanged resource is not listed."""
    assert difference([_instance("a", "1")], [_instance("a", "1")]) == ()


def test_a_line_that_loses_its_price_is_no_saving() -> None:
    """Of two lines one costs nobody knows what now: the difference is unknown, not minus what it cost before."""

    def moment(second: Decimal | None) -> Item:
        lines = [
            Line(name, "GB", Decimal(1), HOUR, Decimal(1), cost, cost, missing=cost is None)
            for name, cost in (("Kept", Decimal(10)), ("Lost", second))
        ]
        return totalled("aws_thing.this", "aws_thing", tuple(lines))

    for past, current in ((moment(Decimal(5)), moment(None)), (moment(None), moment(Decimal(5)))):
        (item,) = difference([past], [current])
        assert [(line.name, line.missing) for line in item.lines] == [("Lost", True)]
        assert (item.monthly_cost, item.hourly_cost) == (None, None)


def test_a_line_that_goes_and_one_that_comes() -> None:
    """Unrelated lines are removed and added."""
    old = Line("A", "GB", None, None, Decimal(1), None, None)
    new = Line("B", "GB", None, Decimal(2), Decimal(1), None, Decimal(2))
    (item,) = difference([totalled("r", "t", (old,))], [totalled("r", "t", (new,))])
    assert [(line.name, line.price, line.monthly_cost) for line in item.lines] == [
        ("B", Decimal(1), Decimal(2)),
        ("A", Decimal(-1), None),
    ]


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        ("Usage (a, b)", "Usage (a, c)", "Usage (a, b → c)"),
        ("Usage (a)", "Usage (b, c)", "Usage (a) → (b, c)"),
        ("Usage", "Usage (b)", "Usage ( → b)"),
        ("Usage", "Usage", "Usage"),
    ],
)
def test_names_are_merged_label_by_label(old: str, new: str, merged: str) -> None:
    """Labels that differ stand side by side."""
    assert merged_name(old, new) == merged
