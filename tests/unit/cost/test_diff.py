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


def _line(name: str, cost: str | None, *, used: bool = False) -> Line:
    amount = None if cost is None else Decimal(cost)
    return Line(name, "GB", amount, amount, Decimal(1), amount, amount, used, cost is None)


def test_what_is_made_and_what_goes_is_all_difference() -> None:
    """With what its sides say of themselves: tags, groups, what depends on usage and what has no price."""
    group = totalled("Standard", "", (_line("Storage", "3", used=True),))
    made = totalled("a.b", "a", (_line("Lost", None),), (group,), tags={"x": "y"}, metadata={"region": "r"})
    (new,) = difference([], [made])
    assert (new.name, new.type, new.tags, new.metadata) == ("a.b", "a", {"x": "y"}, {"region": "r"})
    assert (new.monthly_cost, new.usage_cost) == (Decimal(3), Decimal(3))
    assert [(line.name, line.missing, line.monthly_cost) for line in new.lines] == [("Lost", True, None)]
    assert [(line.unit, line.usage_based, line.missing) for line in new.groups[0].lines] == [("GB", True, False)]
    assert new.groups[0].metadata == {}
    (gone,) = difference([made], [])
    assert (gone.monthly_cost, gone.hourly_cost) == (Decimal(-3), Decimal(-3))
    assert gone.groups[0].lines[0].price == Decimal(-1)


def test_an_exact_name_is_paired_before_one_that_is_alike() -> None:
    """So that two lines of one kind do not swap; the new order holds, what went comes last."""
    old = totalled("r", "t", (_line("Use (a)", "1"), _line("Use (b)", "2"), _line("Gone", "4")))
    new = totalled("r", "t", (_line("Fresh", "8"), _line("Use (b)", "3"), _line("Use (c)", "1.5")))
    (item,) = difference([old], [new])
    assert [(line.name, line.monthly_cost) for line in item.lines] == [
        ("Fresh", Decimal(8)), ("Use (b)", Decimal(1)), ("Use (a → c)", Decimal("0.5")), ("Gone", Decimal(-4)),
    ]  # fmt: skip


def test_only_a_price_that_changes_is_a_change_too() -> None:
    """Of a line whose quantity nobody has said."""
    old, new = (Line("Use", "GB", None, None, Decimal(price), None, None, usage_based=True) for price in (1, 2))
    (item,) = difference([totalled("r", "t", (old,))], [totalled("r", "t", (new,))])
    assert [(line.price, line.monthly_quantity, line.monthly_cost) for line in item.lines] == [(Decimal(1), None, None)]
    assert item.monthly_cost is None
    assert difference([totalled("r", "t", (old,))], [totalled("r", "t", (old,))]) == ()
