"""Bills with prices: the two quantities, shown units, sums."""

from __future__ import annotations

from decimal import Decimal

from gaia.cost.book import PriceBook
from gaia.cost.model import Bill, Component, Price, PriceKey, Resource
from gaia.cost.priced import priced
from gaia.cost.usage import ResourceUsage

KEY = PriceKey("S", "F", "k")
BOOK = PriceBook({("r", KEY): Price(Decimal("0.10"), "Hrs", "s", "2026", "list")}, {"s": ""})
RESOURCE = Resource("aws_x.y", "aws_x", "r", {"tags": {"a": "b", "c": None}}, {}, ResourceUsage("aws_x.y", {}))


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
