"""The cost of a preview as a table, from Infracost's JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gaia.cli.screens.words import count, decimal, money, quantity

if TYPE_CHECKING:
    from rich.console import RenderableType


def cost_screen(document: Mapping[str, object], *, full: bool = True) -> list[RenderableType]:
    """Per resource and component: quantity, unit, monthly cost; then the total and the difference.

    Parts whose quantity nobody has said are counted only, unless `full`.
    """
    if not document:
        return []
    currency = str(document.get("currency") or "USD")
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column(overflow="fold", min_width=36)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True, style="quiet")
    table.add_column(justify="right", no_wrap=True)
    for resource in _resources(document):
        _resource(table, resource, currency, 2, full=full)
    total, change = decimal(document.get("totalMonthlyCost")), decimal(document.get("diffTotalMonthlyCost"))
    table.add_row("", "", "", Text("────────", "quiet"))
    table.add_row(Text("  Total a month", "title"), "", "", _amount(total, currency, style="title"))
    if change is not None:
        past = decimal(document.get("pastTotalMonthlyCost")) or Decimal(0)
        note = f"  Difference from {money(past, currency)} now" if past else "  Difference"
        table.add_row(Text(note, "quiet"), "", "", Text(money(change, currency, signed=True), _tendency(change)))
    return [Text("Cost", "title"), Padding(table, (0, 0, 1, 0))]


def total_text(document: Mapping[str, object]) -> str:
    """`$14.02 a month`, or an empty text when nothing is known."""
    total = decimal(document.get("totalMonthlyCost"))
    return "" if total is None else f"{money(total, str(document.get('currency') or 'USD'))} a month"


def _resources(document: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    for project in _maps(document.get("projects")):
        breakdown = project.get("breakdown")
        if isinstance(breakdown, Mapping):
            yield from _maps(breakdown.get("resources"))


def _resource(table: Table, resource: Mapping[str, object], currency: str, indent: int, *, full: bool) -> None:
    table.add_row(Text(" " * indent + str(resource.get("name", "")), "name"), "", "", "")
    by_use = 0
    for part in _maps(resource.get("costComponents")):
        amount = decimal(part.get("monthlyQuantity"))
        if amount is None and decimal(part.get("price")) is not None and not full:
            by_use += 1
            continue
        table.add_row(
            " " * (indent + 2) + str(part.get("name", "")),
            Text("by use", "unknown") if amount is None else quantity(amount),
            str(part.get("unit", "")),
            _part_cost(part, currency),
        )
    if by_use:
        table.add_row(Text(" " * (indent + 2) + f"and {count(by_use, 'price')} by use", "quiet"), "", "", "")
    for child in _maps(resource.get("subresources")):
        _resource(table, child, currency, indent + 2, full=full)


def _part_cost(part: Mapping[str, object], currency: str) -> Text:
    monthly, price = decimal(part.get("monthlyCost")), decimal(part.get("price"))
    if monthly is None and part.get("monthlyQuantity") is None and price is not None:
        return Text(f"{_symbol(currency)}{part.get('price')} each", "unknown")
    return _amount(monthly, currency)


def _amount(amount: Decimal | None, currency: str, *, style: str = "") -> Text:
    return Text("price unknown", "warn") if amount is None else Text(money(amount, currency), style)


def _symbol(currency: str) -> str:
    return money(Decimal(0), currency).removesuffix("0.00")


def _tendency(change: Decimal) -> str:
    return "warn" if change > 0 else "good" if change < 0 else "quiet"


def _maps(content: object) -> Sequence[Mapping[str, object]]:
    return (
        cast("Sequence[Mapping[str, object]]", [each for each in content if isinstance(each, Mapping)])
        if isinstance(content, list | tuple)
        else []
    )
