"""Bills with prices: the two quantities, shown units, sums."""

from __future__ import annotations

from decimal import Decimal

from gaia.cost.book import PriceBook
from gaia.cost.model import Bill, Component, CostResource, Price, PriceKey
from gaia.cost.priced import priced
from gaia.cost.usage import ResourceUsage

KEY = PriceKey("S", "F", "k")
BOOK = PriceBook({("r", KEY): Price(Decimal("0.10"), "Hrs", "s", "2026", "list")}, {"s": ""})
RESOURCE = CostResource("aws_x.y", "aws_x", "r", {"tags": {"a": "b", "c": None}}, {}, ResourceUsage("aws_x.y", {}))


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
    item = priced(RESOURCE, Bill(groups=(("Standard", (component,)),)), BOOK)
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
    item = priced(RESOURCE, Bill((fixed, used, unsaid), (("Group", (used,)),)), BOOK)
    assert (item.monthly_cost, item.usage_cost, item.hourly_cost) == (Decimal(1533), Decimal(1460), Decimal("2.2"))
    assert [line.monthly_cost for line in item.lines] == [Decimal(73), Decimal(730), None]
    assert (item.lines[2].monthly_quantity, item.lines[2].hourly_quantity) == (None, None)
    assert [path for path, _ in item.all_lines()] == [(), (), (), ("Group",)]
    assert [one["component"] for one in item.metadata["prices"]] == ["Fixed", "Used", "Unsaid", "Group / Used"]
    assert item.metadata["prices"][0] == {"component": "Fixed", "source": "s", "asOf": "2026", "method": "list"}
    assert (item.groups[0].type, item.groups[0].tags, item.groups[0].metadata) == ("", None, {})


def test_what_was_assumed_and_what_was_ignored_is_kept() -> None:
    """Of the resource and of its bill; effective tags win over those that are written."""
    values = {"tags": {"a": "b"}, "tags_all": {"a": "c"}}
    usage = ResourceUsage("aws_x.y", {"odd": 1})
    resource = CostResource("aws_x.y", "aws_x", "r", values, {}, usage, assumed=("region",))
    item = priced(resource, Bill(assumed=("size",)), BOOK)
    assert item.metadata["assumed"] == ["region", "size"]
    assert item.metadata["ignoredUsage"] == ["odd"]
    assert item.tags == {"a": "c"}
    assert (item.name, item.type) == ("aws_x.y", "aws_x")
    assert priced(CostResource("a.b", "a", "r", {}, {}, ResourceUsage("a.b", {})), Bill(), BOOK).tags is None
