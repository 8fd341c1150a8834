"""The cost of a preview as a table, from Infracost's JSON. What has no price is said, and is never shown as nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from rich.text import Text

from gaia.cli.screens.format import count, decimal, money, quantity
from gaia.cli.screens.tables import Column, Rows, signed
from gaia.cost.formats.rows import rows as changed_rows
from gaia.cost.summary import summary
from gaia.cost.wording import range_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from gaia.cli.screens.tables import Cell
    from gaia.cost.summary import CostSummary

_NO_FIGURE, _BY_USE = "unknown", "by use"
_COLUMNS = (Column(flows=True, least=36), Column(right=True), Column(style="quiet"), Column(right=True))


def cost_screen(document: Mapping[str, object], *, full: bool = True) -> list[RenderableType]:
    """Per resource and component: quantity, unit, monthly cost; the total and the difference; then what is in neither.

    Parts whose quantity nobody has said are counted only, unless `full`.
    """
    if not document:
        return []
    found = summary(document)
    currency = found.currency
    rows: list[Text | tuple[Cell, Cell, Cell, Cell]] = []
    for resource in _resources(document):
        rows += _resource(resource, currency, 2, full=full)
    rows.append(("", "", "", Text("────────", "quiet")))
    style = "title" if found.total_complete else "warn"
    rows.append((Text("  Total a month", "title"), "", "", Text(_total(found), style)))
    note = f"  Difference from {money(found.past_monthly, currency)} now" if found.past_monthly else "  Difference"
    rows.append((Text(note, "quiet"), "", "", _difference(found)))
    return [Text("Cost", "title"), Rows(_COLUMNS, rows), *_left_out(found), Text("")]


def cost_diff_screen(document: Mapping[str, object]) -> list[RenderableType]:
    """What changes, resource by resource, each part with by how much; then the bill before and after."""
    found = summary(document)
    currency = found.currency
    rows: list[Text | tuple[Cell, Cell, Cell, Cell]] = []
    for row in changed_rows(document, "diff"):
        name = Text("  " * (row.depth + 1) + row.name, "" if row.is_part else "name")
        if not row.is_part:
            rows.append(name)
            continue
        amount = "" if row.quantity is None else f"{'+' if row.quantity > 0 else ''}{quantity(row.quantity)}"
        change = Text(_NO_FIGURE, "warn") if row.unpriced else Text(_BY_USE, "unknown")
        if row.monthly is not None:
            change = Text(money(row.monthly, currency, signed=True), _tendency(row.monthly))
        rows.append((name, Text(amount), row.unit, change))
    if not rows:
        rows.append(Text("  Nothing changes the bill.", "quiet"))
    rows.append(("", "", "", Text("────────", "quiet")))
    before = _NO_FIGURE if found.past_monthly is None else money(found.past_monthly, currency)
    rows.append((Text(f"  Difference a month, from {before} to {_total(found)}", "title"), "", "", _difference(found)))
    return [Text("Cost", "title"), Rows(_COLUMNS, rows), *_left_out(found), Text("")]


def total_text(document: Mapping[str, object]) -> str:
    """`$14.02 a month`, `cost unknown`, `at least $14.02 a month (partial: 1 of 2 resources is not fully priced)`.

    An empty text when there is no estimate.
    """
    if not document:
        return ""
    found = summary(document)
    figure = _figure(found)
    text = f"cost {figure}" if figure in (_NO_FIGURE, _BY_USE) else f"{figure} a month"
    return text if found.complete else f"{text} (partial: {_not_priced(found)})"


def short_total(document: Mapping[str, object]) -> str:
    """The same for a column: `$14.02`, `unknown`, `at least $14.02, partial`."""
    if not document:
        return ""
    found = summary(document)
    figure = _figure(found)
    return figure if found.complete or figure == _NO_FIGURE else f"{figure}, partial"


def _figure(found: CostSummary) -> str:
    """What it costs; where everything goes, what that saves."""
    if found.monthly == 0 and found.past_monthly != 0 and found.total_complete:
        change = found.diff_monthly
        return _NO_FIGURE if change is None or not (found.complete or change) else _signed(found, change)
    return _total(found)


def _signed(found: CostSummary, change: Decimal) -> str:
    return money(change, found.currency, signed=True)


def _total(found: CostSummary) -> str:
    if found.monthly is None and found.total_complete and found.pending:
        return _BY_USE
    if found.monthly is None or not (found.total_complete or found.monthly):
        return _NO_FIGURE
    return ("" if found.total_complete else "at least ") + money(found.monthly, found.currency)


def _not_priced(found: CostSummary) -> str:
    """`1 of 2 resources is not fully priced`."""
    verb = "is" if found.not_priced == 1 else "are"
    return f"{found.not_priced} of {count(found.resources, 'resource')} {verb} not fully priced"


def _difference(found: CostSummary) -> Text:
    """What changes a month; a part of it where something has no price, and no figure where that is all."""
    change = found.diff_monthly
    if change is None or not (found.complete or change):
        return Text(_NO_FIGURE, "warn")
    shown = _signed(found, change)
    return Text(shown, _tendency(change)) if found.complete else Text(f"{shown} and what has no price", "warn")


def _left_out(found: CostSummary) -> list[RenderableType]:
    """What the total does not hold, and usage that was said for nothing."""
    text = range_of(found)
    said = [("·", "quiet", f"By use: {text}.")] if text else []
    said += [] if found.complete else [("!", "warn", f"Partial: {_not_priced(found)}.")]
    said += [("!", "warn", f"No price for {line}: it is not in the total.") for line in found.unpriced]
    said += [
        ("!", "warn", f"No prices yet for {kind} ({number}): not in the total.")
        for kind, number in found.unsupported.items()
    ]
    said += [("·", "quiet", warning) for warning in found.warnings]
    if found.pending:
        lines = count(len(found.pending), "line")
        said.append(("·", "quiet", f"{lines} by use whose quantity nobody has said: not in the total."))
    if not said:
        return []
    return [Text(""), signed([(sign, style, Text(text, style)) for sign, style, text in said], indent=2, gap=1)]


def _resources(document: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    for project in _maps(document.get("projects")):
        breakdown = project.get("breakdown")
        if isinstance(breakdown, Mapping):
            yield from _maps(breakdown.get("resources"))


def _resource(
    resource: Mapping[str, object], currency: str, indent: int, *, full: bool
) -> Iterator[Text | tuple[Cell, Cell, Cell, Cell]]:
    yield Text(" " * indent + str(resource.get("name", "")), "name")
    by_use = 0
    for part in _maps(resource.get("costComponents")):
        amount = decimal(part.get("monthlyQuantity"))
        if amount is None and not _unpriced(part) and not full:
            by_use += 1
            continue
        yield (
            " " * (indent + 2) + str(part.get("name", "")),
            Text("by use", "unknown") if amount is None else quantity(amount),
            str(part.get("unit", "")),
            _part_cost(part, currency),
        )
    if by_use:
        yield Text(" " * (indent + 2) + f"and {count(by_use, 'price')} by use", "quiet")
    for child in _maps(resource.get("subresources")):
        yield from _resource(child, currency, indent + 2, full=full)


def _part_cost(part: Mapping[str, object], currency: str) -> Text:
    monthly = decimal(part.get("monthlyCost"))
    if _unpriced(part):
        return Text("price unknown", "warn")
    if monthly is None:
        return Text(f"{_symbol(currency)}{part.get('price')} each", "unknown")
    return Text(money(monthly, currency))


def _unpriced(part: Mapping[str, object]) -> bool:
    """Infracost writes a price of 0 where it has none, and says so beside it."""
    return bool(part.get("priceNotFound")) or decimal(part.get("price")) is None


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
