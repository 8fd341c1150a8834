"""Bills with prices: the two quantities, shown units, sums."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from gaia.cost.book import PriceBook
from gaia.cost.configuration import Configuration
from gaia.cost.model import Bill, Component, CostResource, Price, PriceKey
from gaia.cost.priced import priced
from gaia.cost.references import References
from gaia.cost.usage import ResourceUsage

KEY = PriceKey("S", "F", "k")
BOOK = PriceBook({("r", KEY): Price(Decimal("0.10"), "Hrs", "s", "2026", "list")}, {"s": ""})


def _resource(
    values: dict[str, Any], usage: dict[str, Any] | None = None, doubts: set[str] | None = None
) -> CostResource:
    return CostResource(
        values,
        {},
        address="aws_x.y",
        type="aws_x",
        region="r",
        usage=ResourceUsage("aws_x.y", usage or {}),
        links=References(Configuration({})),
        today=date(2026, 11, 30),
        doubts=doubts or set(),
    )


RESOURCE = _resource({"tags": {"a": "b", "c": None}})


def test_an_hourly_quantity_makes_a_month_of_730_hours() -> None:
    """What runs all the time is declared by the hour."""
    item = priced(RESOURCE, Bill((Component("Usage", "hours", KEY, hourly=Decimal(2)),)), BOOK)
    (line,) = item.lines
    assert (line.monthly_quantity, line.monthly_cost, line.hourly_cost) == (
        Decimal(1460),
        Decimal(146),
        Decimal("0.2"),
    )
    assert (item.monthly_cost, item.usage_cost) == (Decimal(146), None)
    assert item.tags == {"a": "b"}


def test_a_quotient_has_sixteen_decimals() -> None:
    """50 a month is 0.0684931506849315 an hour, as in Infracost."""
    item = priced(RESOURCE, Bill((Component("Usage", "GB", KEY, monthly=Decimal(50)),)), BOOK)
    assert item.lines[0].hourly_quantity == Decimal("0.0684931506849315")


def test_shown_units_do_not_change_costs() -> None:
    """A multiplier divides the quantity and multiplies the price."""
    component = Component("Requests", "1k requests", KEY, Decimal(2500), multiplier=Decimal(1000), usage_based=True)
    item = priced(RESOURCE, Bill(groups=(("Standard", Bill((component,))),)), BOOK)
    (line,) = item.groups[0].lines
    assert (line.monthly_quantity, line.price, line.monthly_cost) == (Decimal("2.5"), Decimal(100), Decimal(250))
    assert (item.monthly_cost, item.usage_cost) == (Decimal(250), Decimal(250))


def test_a_price_that_is_not_in_the_book_gives_no_cost() -> None:
    """The quantity stays, the line says so, and nothing below the resource has a cost, nor a source."""
    component = Component("Lost", "GB", PriceKey("S", "F", "lost"), monthly=Decimal(730), usage_based=True)
    item = priced(RESOURCE, Bill((component,)), BOOK)
    (line,) = item.lines
    assert (line.missing, line.usage_based, line.price) == (True, True, Decimal(0))
    assert (line.hourly_quantity, line.hourly_cost, line.monthly_cost) == (Decimal(1), None, None)
    assert (item.hourly_cost, item.monthly_cost, item.usage_cost) == (None, None, None)
    assert item.metadata == {"region": "r", "prices": []}


def test_sums_hold_what_is_known_of_lines_and_groups() -> None:
    """By the hour, by the month, and the part that depends on usage."""
    fixed = Component("Fixed", "GB", KEY, monthly=Decimal(730), hourly=Decimal(2))
    used = Component("Used", "GB", KEY, monthly=Decimal(7300), usage_based=True)
    unsaid = Component("Unsaid", "GB", KEY, usage_based=True)
    item = priced(RESOURCE, Bill((fixed, used, unsaid), (("Group", Bill((used,))),)), BOOK)
    assert (item.monthly_cost, item.usage_cost, item.hourly_cost) == (Decimal(1533), Decimal(1460), Decimal("2.2"))
    assert [line.monthly_cost for line in item.lines] == [Decimal(73), Decimal(730), None]
    assert (item.lines[2].monthly_quantity, item.lines[2].hourly_quantity) == (None, None)
    assert [path for path, _ in item.all_lines()] == [(), (), (), ("Group",)]
    assert [one["component"] for one in item.metadata["prices"]] == ["Fixed", "Used", "Unsaid", "Group / Used"]
    assert item.metadata["prices"][0] == {"component": "Fixed", "source": "s", "asOf": "2026", "method": "list"}
    assert (item.groups[0].type, item.groups[0].tags, item.groups[0].metadata) == ("", None, {})


def test_what_was_assumed_and_what_was_ignored_is_kept() -> None:
    """What was asked for and is not known yet; effective tags win over those that are written."""
    resource = _resource({"tags": {"a": "b"}, "tags_all": {"a": "c"}}, {"odd": 1}, {"size", "region"})
    item = priced(resource, Bill(), BOOK)
    assert item.metadata["assumed"] == ["region", "size"]
    assert item.metadata["ignoredUsage"] == ["odd"]
    assert item.tags == {"a": "c"}
    assert (item.name, item.type) == ("aws_x.y", "aws_x")
    assert priced(_resource({}), Bill(), BOOK).tags is None


def test_groups_are_in_groups() -> None:
    """A launch template in a group of instances has disks; a bill of several is that of one, so many times."""
    disk = Bill((Component("Storage", "GB", KEY, monthly=Decimal(10)),))
    template = Bill((Component("Usage", "hours", KEY, hourly=Decimal(1)),), (("root_block_device", disk),))
    item = priced(RESOURCE, Bill(groups=(("aws_launch_template.a", template.times(Decimal(3))),)), BOOK)
    assert [path for path, _ in item.all_lines()] == [
        ("aws_launch_template.a",), ("aws_launch_template.a", "root_block_device"),
    ]  # fmt: skip
    assert item.monthly_cost == Decimal(219 + 3)


def test_a_surcharge_that_a_region_does_not_have_is_left_out() -> None:
    """Only what is said to be optional: it is no missing price."""
    lost = PriceKey("S", "F", "lost")
    item = priced(
        RESOURCE, Bill((Component("EBS-optimized usage", "hours", lost, hourly=Decimal(1), optional=True),)), BOOK
    )
    assert item.lines == ()


def test_a_price_that_stands_in_is_flagged() -> None:
    """Where the product has none of its own."""
    component = Component("Usage", "hours", KEY.having(os="Linux"), hourly=Decimal(1), fallback=KEY)
    item = priced(RESOURCE, Bill((component,)), BOOK)
    assert item.monthly_cost == Decimal(73)
    assert item.metadata["prices"][0]["fallback"] is True


def test_a_component_may_be_billed_in_another_region() -> None:
    """A replica of a table."""
    component = Component("Usage", "hours", KEY, hourly=Decimal(1), region="elsewhere")
    assert priced(RESOURCE, Bill((component,)), BOOK).lines[0].missing
