"""Puts prices on bills: lines with shown quantities and prices, groups, resources, and their sums. All exact."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from gaia.cost.model import HOURS_A_MONTH, ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gaia.cost.book import PriceBook
    from gaia.cost.model import Bill, Component, CostResource

_SIXTEEN_DECIMALS = Decimal("1e-16")
Amount = Decimal | None


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
    metadata: dict[str, Any] = {"region": resource.region, "prices": sources}
    if resource.doubts:
        metadata["assumed"] = sorted(resource.doubts)
    ignored = resource.usage.ignored()
    if ignored:
        metadata["ignoredUsage"] = list(ignored)
    return replace(found, type=resource.type, tags=_tags(resource), metadata=metadata)


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
    if not found and component.fallback:
        found, fallback = book.price(component.region or region, component.fallback), True
    if not found and component.optional:
        return None
    price = found.usd if found else ZERO
    if found:
        source = {
            "component": " / ".join((*groups, component.name)),
            "source": found.source,
            "asOf": found.as_of,
            "method": found.method,
        }
        sources.append({**source, "fallback": True} if fallback else source)
    monthly, hourly = component.monthly, component.hourly
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
        hourly_cost=None if hourly is None or not found else price * hourly,
        monthly_cost=None if monthly is None or not found else price * monthly,
        usage_based=component.usage_based,
        missing=found is None,
    )


def divided(amount: Decimal, by: Decimal) -> Decimal:
    """A quotient with at most 16 decimals, as Infracost's."""
    return (amount / by).quantize(_SIXTEEN_DECIMALS, rounding=ROUND_HALF_UP)


def _tags(resource: CostResource) -> dict[str, str] | None:
    tags = resource.values.get("tags_all") or resource.values.get("tags")
    if not isinstance(tags, dict):
        return None
    return {key: value for key, value in tags.items() if isinstance(value, str)}
