"""Puts prices on bills: lines with shown quantities and prices, groups, resources, and their sums. All exact."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from gaia.cost.block import MOST
from gaia.cost.model import HOURS_A_MONTH, ONE, ZERO, Price

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gaia.cost.book import PriceBook
    from gaia.cost.model import Bill, Component, CostResource, PriceKey

_SIXTEEN_DECIMALS = Decimal("1e-16")
Amount = Decimal | None
SENSITIVE = "(sensitive)"
HIDDEN = f"Cost of {SENSITIVE} values"
"""The only line of a resource whose price depends on what must not be shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """A priced component. Quantities and price are in shown units; costs are exact."""

    name: str
    unit: str
    hourly_quantity: Amount
    monthly_quantity: Amount
    price: Decimal
    hourly_cost: Amount
    monthly_cost: Amount
    usage_based: bool = False
    missing: bool = False
    """The book has no price for it."""
    region: str = ""
    """Where it is billed, when that is not the resource's region."""
    product: tuple[str, PriceKey] | None = None
    """What would have the price, in which region: two lines without a price cost the same where it is the same."""

    @property
    def waits(self) -> bool:
        """Whether it depends on a quantity that nobody has said."""
        return self.usage_based and self.monthly_quantity is None


@dataclass(frozen=True, slots=True)
class Item:
    """A priced resource, or a group of lines in one (then `type` is empty)."""

    name: str
    type: str
    hourly_cost: Amount
    monthly_cost: Amount
    usage_cost: Amount
    """The part of `monthly_cost` that depends on usage; None when no such line has a cost."""
    lines: tuple[Line, ...] = ()
    groups: tuple[Item, ...] = ()
    tags: Mapping[str, str] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def all_lines(self) -> Iterable[tuple[tuple[str, ...], Line]]:
        """Every line with the names of the groups that it is in."""
        for line in self.lines:
            yield (), line
        for group in self.groups:
            for path, line in group.all_lines():
                yield (group.name, *path), line


def priced(resource: CostResource, bill: Bill, book: PriceBook) -> Item:
    """A resource's bill with prices of its region."""
    sources: list[dict[str, Any]] = []
    found = _group(resource.address, bill, resource.region, book, sources, ())
    region = resource.region
    if resource.unusable:
        found = _unpriced(found)
        sources = []
    if resource.hidden:
        found, sources = _concealed(found, sources)
        region = SENSITIVE if "region" in resource.hidden else region
    metadata: dict[str, Any] = {"region": region, "prices": sources}
    if resource.doubts:
        metadata["assumed"] = sorted(resource.doubts)
    if resource.unusable:
        metadata["unusable"] = sorted(resource.unusable)
    ignored = resource.usage.ignored()
    if ignored:
        metadata["ignoredUsage"] = list(ignored)
    return replace(found, type=resource.type, tags=_tags(resource), metadata=metadata)


def _unpriced(item: Item) -> Item:
    """The same without a figure: a quantity of it cannot be used."""
    lines = (
        replace(line, hourly_quantity=None, monthly_quantity=None, price=ZERO, hourly_cost=None, monthly_cost=None,
                usage_based=False, missing=True)
        for line in item.lines
    )  # fmt: skip
    return totalled(item.name, item.type, tuple(lines), tuple(map(_unpriced, item.groups)))


def _concealed(item: Item, sources: list[dict[str, Any]]) -> tuple[Item, list[dict[str, Any]]]:
    """The same as one line: names and quantities of parts would tell values that nobody may see."""
    lines = [line for _, line in item.all_lines()]
    if not lines:
        return item, []
    cost, hourly = item.monthly_cost, item.hourly_cost
    known = None if cost is None else ONE
    line = Line(
        HIDDEN,
        "months",
        hourly_quantity=None if known is None else divided(known, HOURS_A_MONTH),
        monthly_quantity=known,
        price=cost or ZERO,
        hourly_cost=hourly,
        monthly_cost=cost,
        usage_based=any(one.usage_based for one in lines) and all(one.usage_based for one in lines),
        missing=any(one.missing and not one.waits for one in lines),
    )
    oldest = min(sources, key=lambda one: str(one["asOf"]), default=None)
    told = [{**oldest, "component": HIDDEN}] if oldest else []
    return totalled(item.name, item.type, (line,)), told


def _group(
    name: str, bill: Bill, region: str, book: PriceBook, sources: list[dict[str, Any]], path: tuple[str, ...]
) -> Item:
    lines = [_line(component, region, book, sources, path) for component in bill.components]
    groups = tuple(_group(inner, one, region, book, sources, (*path, inner)) for inner, one in bill.groups)
    return totalled(name, "", tuple(line for line in lines if line), groups)


def totalled(
    name: str,
    kind: str,
    lines: tuple[Line, ...],
    groups: tuple[Item, ...] = (),
    *,
    tags: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Item:
    """An item with its sums: None where nothing below it has a cost."""
    return Item(
        name,
        kind,
        hourly_cost=add([*(line.hourly_cost for line in lines), *(group.hourly_cost for group in groups)]),
        monthly_cost=add([*(line.monthly_cost for line in lines), *(group.monthly_cost for group in groups)]),
        usage_cost=add(
            [*(line.monthly_cost for line in lines if line.usage_based), *(group.usage_cost for group in groups)]
        ),
        lines=lines,
        groups=groups,
        tags=tags,
        metadata=metadata or {},
    )


def add(amounts: Iterable[Amount]) -> Amount:
    """The sum of what is known; None when nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if known else None


def _line(
    component: Component, region: str, book: PriceBook, sources: list[dict[str, Any]], groups: tuple[str, ...]
) -> Line | None:
    found, fallback = book.price(component.region or region, component.price), False
    if component.said is not None:
        found = Price(component.said, component.unit, "usage file", "", "said")
    if not found and component.fallback:
        found, fallback = book.price(component.region or region, component.fallback), True
    if not found and component.optional:
        return None
    price = found.usd if found else ZERO
    if found and found.as_of:
        source = {
            "component": " / ".join((*groups, component.name)),
            "source": found.source,
            "asOf": found.as_of,
            "method": found.method,
        }
        beyond = component.most is not None and component.monthly is not None and component.monthly > component.most
        source |= {"beyond": f"{component.most:,f} {component.unit}"} if beyond else {}
        sources.append({**source, "fallback": True} if fallback or beyond else source)
    monthly, hourly = component.monthly, component.hourly
    if not all(amount is None or (amount.is_finite() and 0 <= amount <= MOST) for amount in (monthly, hourly)):
        found, monthly, hourly = None, None, None
    if monthly is None and hourly is not None:
        monthly = hourly * HOURS_A_MONTH
    elif hourly is None and monthly is not None:
        hourly = divided(monthly, HOURS_A_MONTH)
    return Line(
        component.name,
        component.unit,
        hourly_quantity=None if hourly is None else divided(hourly, component.multiplier),
        monthly_quantity=None if monthly is None else divided(monthly, component.multiplier),
        price=price * component.multiplier,
        hourly_cost=_cost(hourly, found),
        monthly_cost=_cost(monthly, found),
        usage_based=component.usage_based,
        missing=found is None,
        region=component.region,
        product=(component.region or region, component.price),
    )


def _cost(quantity: Amount, price: Price | None) -> Amount:
    """None of anything costs nothing, whatever its price."""
    if quantity is None or not (price or quantity == 0):
        return None
    return price.usd * quantity if price else ZERO


def divided(amount: Decimal, by: Decimal) -> Decimal:
    """A quotient with at most 16 decimals, as Infracost's."""
    return (amount / by).quantize(_SIXTEEN_DECIMALS, rounding=ROUND_HALF_UP)


def _tags(resource: CostResource) -> dict[str, str] | None:
    name = "tags_all" if resource.values.get("tags_all") else "tags"
    tags = resource.values.get(name)
    if not isinstance(tags, dict) or resource.is_sensitive(name):
        return None
    masks = [resource.is_sensitive(one, "tags_all", "tags") for one in tags]
    return {
        key: SENSITIVE if secret else value
        for (key, value), secret in zip(tags.items(), masks, strict=True)
        if isinstance(value, str)
    }
