"""Bills with prices: the two quantities, shown units, sums."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from gaia.cost.book import PriceBook
from gaia.cost.model import Bill, Component, Price, PriceKey, Resource
from gaia.cost.priced import divided, priced
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


def test_a_resource_says_where_its_prices_are_from_and_what_was_assumed() -> None:
    """By component, with the groups that it is in; what was assumed and what usage fitted nothing only where it is."""
    usage = ResourceUsage("aws_x.y", {"typo": 1})
    resource = replace(RESOURCE, usage=usage, assumed=("region",))
    bill = Bill(
        (Component("Usage", "hours", KEY, hourly=Decimal(2)),),
        (("Standard", (Component("Storage", "GB", KEY, Decimal(1), usage_based=True),)),),
        assumed=("size",),
    )
    item = priced(resource, bill, BOOK)
    source = {"source": "s", "asOf": "2026", "method": "list"}
    assert item.metadata == {
        "region": "r",
        "prices": [{"component": "Usage", **source}, {"component": "Standard / Storage", **source}],
        "assumed": ["region", "size"],
        "ignoredUsage": ["typo"],
    }
    assert priced(RESOURCE, Bill(), BOOK).metadata == {"region": "r", "prices": []}
    assert [(path, line.name) for path, line in item.all_lines()] == [((), "Usage"), (("Standard",), "Storage")]
    assert (item.monthly_cost, item.usage_cost) == (Decimal("146.1"), Decimal("0.1"))


def test_without_a_price_there_is_no_cost_and_no_source() -> None:
    """The quantities are still told, by the hour and by the month."""
    other = PriceKey("S", "F", "other")
    item = priced(RESOURCE, Bill((Component("Usage", "hours", other, Decimal(73)),)), BOOK)
    (line,) = item.lines
    assert (line.missing, line.price, line.monthly_cost, line.hourly_cost) == (True, Decimal(0), None, None)
    assert (line.monthly_quantity, line.hourly_quantity) == (Decimal(73), Decimal("0.1"))
    assert (item.monthly_cost, item.hourly_cost, item.usage_cost) == (None, None, None)
    assert item.metadata["prices"] == []


def test_a_quantity_that_nobody_said_stays_unknown() -> None:
    """Neither by the hour nor by the month; the price is shown."""
    (line,) = priced(RESOURCE, Bill((Component("Usage", "hours", KEY),)), BOOK).lines
    assert (line.hourly_quantity, line.monthly_quantity, line.monthly_cost, line.hourly_cost) == (None,) * 4
    assert (line.price, line.missing) == (Decimal("0.10"), False)


def test_the_tags_of_the_provider_count_too() -> None:
    """`tags_all` before `tags`; something else than a map is no tags, and neither is what is unknown."""
    said: list[tuple[dict[str, object], object]] = [
        ({"tags": {"a": "b"}, "tags_all": {"a": "b", "c": "d"}}, {"a": "b", "c": "d"}),
        ({"tags": {"a": "b"}, "tags_all": None}, {"a": "b"}),
        ({"tags": "a=b"}, None),
        ({}, None),
        ({"tags": {"a": 1}}, {}),
    ]
    for values, expected in said:
        assert priced(replace(RESOURCE, values=values), Bill(), BOOK).tags == expected


def test_halves_are_rounded_up() -> None:
    """As money is, not to the even digit."""
    assert divided(Decimal("5e-17"), Decimal(1)) == Decimal("1e-16")
    assert divided(Decimal("25e-17"), Decimal(1)) == Decimal("3e-16")


def test_quantities_that_were_both_said_are_both_kept() -> None:
    """What runs some hours of the month."""
    component = Component("Usage", "hours", KEY, monthly=Decimal(100), hourly=Decimal(1))
    (line,) = priced(RESOURCE, Bill((component,)), BOOK).lines
    assert (line.monthly_quantity, line.hourly_quantity) == (Decimal(100), Decimal(1))
