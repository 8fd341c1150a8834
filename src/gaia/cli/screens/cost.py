"""The cost of a preview as a table, from Infracost's JSON. What has no price is said, and is never shown as nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from rich.text import Text

from gaia.cli.screens.format import count, decimal, money, quantity
from gaia.cli.screens.tables import Column, Rows, signed
from gaia.cost.formats.rows import projects
from gaia.cost.summary import summary
from gaia.cost.wording import (
    BY_USE,
    NO_FIGURE,
    change_of,
    changes_nothing,
    left_out,
    not_priced,
    past_of,
    range_of,
    regions_to_fetch,
    total_of,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from gaia.cli.screens.tables import Cell
    from gaia.cost.formats.rows import CostRow, ProjectRow
    from gaia.cost.summary import CostSummary

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
    found_projects = list(projects(document))
    for project in found_projects:
        if len(found_projects) > 1:
            rows.append(_heading(project, total_of(project.figures)))
        for resource in _maps((project.content.get("breakdown") or {}).get("resources")):
            rows += _resource(resource, currency, 2, full=full)
    rows.append(("", "", "", Text("────────", "quiet")))
    style = "title" if found.total_complete else "warn"
    rows.append((Text("  Total a month", "title"), "", "", Text(total_of(found), style)))
    note = f"  Difference from {past_of(found)} now" if found.past_monthly else "  Difference"
    rows.append((Text(note, "quiet"), "", "", _difference(found)))
    return [Text("Cost", "title"), Rows(_COLUMNS, rows), *_left_out(found), Text("")]


def cost_diff_screen(document: Mapping[str, object]) -> list[RenderableType]:
    """What changes, resource by resource, each part with by how much; then the bill before and after."""
    found = summary(document)
    currency = found.currency
    rows: list[Text | tuple[Cell, Cell, Cell, Cell]] = []
    for row in _changed(document):
        if isinstance(row, tuple):
            rows.append(row)
            continue
        name = Text("  " * (row.depth + 1) + row.name, "" if row.is_part else "name")
        if not row.is_part:
            rows.append(name)
            continue
        # As much of something else: the name says what of, old and new.
        amount = f"{'+' if row.quantity > 0 else ''}{quantity(row.quantity)}" if row.quantity else ""
        change = Text(NO_FIGURE, "warn") if row.unpriced else Text(BY_USE, "unknown")
        if row.monthly is not None:
            change = Text(money(row.monthly, currency, signed=True), _tendency(row.monthly))
        rows.append((name, Text(amount), row.unit if amount or row.monthly is None else "", change))
    if not rows:
        rows.append(Text(f"  {changes_nothing(found)}", "quiet"))
    rows.append(("", "", "", Text("────────", "quiet")))
    title = Text(f"  Difference a month, from {past_of(found)} to {total_of(found)}", "title")
    rows.append((title, "", "", _difference(found)))
    return [Text("Cost", "title"), Rows(_COLUMNS, rows), *_left_out(found), Text("")]


def total_text(document: Mapping[str, object]) -> str:
    """`$14.02 a month`, `cost unknown`, `at least $14.02 a month (partial: 1 of 2 resources is not fully priced)`.

    An empty text when there is no estimate.
    """
    if not document:
        return ""
    found = summary(document)
    figure = _figure(found)
    text = f"cost {figure}" if figure in (NO_FIGURE, BY_USE) else f"{figure} a month"
    return text if found.complete else f"{text} (partial: {not_priced(found)})"


def short_total(document: Mapping[str, object]) -> str:
    """The same for a column: `$14.02`, `unknown`, `at least $14.02, partial`."""
    if not document:
        return ""
    found = summary(document)
    figure = _figure(found)
    return figure if found.complete or figure == NO_FIGURE else f"{figure}, partial"


def _figure(found: CostSummary) -> str:
    """What it costs; where everything goes, what that saves."""
    if found.monthly == 0 and found.past_monthly != 0 and found.total_complete:
        change = found.diff_monthly
        whole = found.complete or change
        return NO_FIGURE if change is None or not whole else money(change, found.currency, signed=True)
    return total_of(found)


def _difference(found: CostSummary) -> Text:
    """What changes a month; styled as a warning where that is not all, or not known."""
    if found.diff_monthly is None or not found.difference_complete:
        return Text(change_of(found), "warn")
    return Text(change_of(found), _tendency(found.diff_monthly))


def _left_out(found: CostSummary) -> list[RenderableType]:
    """What the total does not hold, and usage that was said for nothing."""
    text = range_of(found)
    said = [(False, f"By use: {text}.")] if text else []
    said += left_out(found)
    if regions := regions_to_fetch(found):
        options = " ".join(f"--region {region}" for region in regions)
        said.append(
            (False, f"`gaia prices refresh {options}` fetches what AWS lists; GAIA_PRICES names prices of your own.")
        )
    if not said:
        return []
    lines = [("!" if serious else "·", "warn" if serious else "quiet", text) for serious, text in said]
    return [Text(""), signed([(sign, style, Text(text, style)) for sign, style, text in lines], indent=2, gap=1)]


def _heading(project: ProjectRow, figure: str) -> tuple[Cell, Cell, Cell, Cell]:
    """The name of one project of several, and what it comes to."""
    known = Text("no estimate", "warn") if project.error else Text(figure, "title")
    return Text(f"  {project.name}", "title"), "", "", known


def _changed(document: Mapping[str, object]) -> Iterator[CostRow | tuple[Cell, Cell, Cell, Cell]]:
    """What changes, of several projects below the name of each in which something does."""
    found = list(projects(document))
    for project in found:
        rows = list(project.rows("diff"))
        if len(found) > 1 and (rows or project.error):
            yield _heading(project, change_of(project.figures))
        yield from rows


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
