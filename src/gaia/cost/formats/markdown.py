"""Markdown for a comment of a pull request: what it costs by project, and what costs what below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.cost.formats.rows import projects, rows
from gaia.cost.summary import summary
from gaia.cost.wording import money, quantity, range_of
from gaia.kit.markdown import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from gaia.cost.formats.rows import CostRow, View

MOST = 200
"""Rows in the table of parts: a comment may hold some 65,000 characters."""


def markdown(document: Mapping[str, Any], view: View) -> str:
    """All names are escaped: none of them makes a link, an image or a mention."""
    found = summary(document)
    currency = found.currency
    lines = [f"### {_headline(found.monthly, found.diff_monthly, currency, whole=found.complete)}", ""]
    if text := range_of(found):
        lines += [f"By use: {escaped(text)}.", ""]
    lines += ["| project | now | change | afterwards |", "|---|---:|---:|---:|"]
    for name, before, after, change in projects(document):
        figures = (_money(before, currency), _money(change, currency, signed=True), _money(after, currency))
        lines.append(f"| {escaped(name)} | {' | '.join(figures)} |")
    parts = list(rows(document, view))
    if parts:
        title = "What changes" if view == "diff" else "What costs what"
        lines += [
            "",
            f"<details><summary>{title}</summary>",
            "",
            "| | quantity | unit | a month |",
            "|---|---:|---|---:|",
        ]
        lines += [_row(one, currency, signed=view == "diff") for one in parts[:MOST]]
        if (more := len(parts) - MOST) > 0:
            lines += ["", f"And {more} more lines."]
        lines += ["", "</details>"]
    lines += _left_out(document)
    return "\n".join(lines) + "\n"


def _headline(after: Decimal | None, change: Decimal | None, currency: str, *, whole: bool) -> str:
    partial = "" if whole else " (partial)"
    if not change:
        return f"Monthly cost: {_money(after, currency)}{partial}"
    return f"Monthly cost: {_money(change, currency, signed=True)}, afterwards {_money(after, currency)}{partial}"


def _row(row: CostRow, currency: str, *, signed: bool) -> str:
    name = "&nbsp;" * 4 * row.depth + (escaped(row.name) if row.is_part else f"**{escaped(row.name)}**")
    amount = "" if row.quantity is None else quantity(row.quantity)
    cost = _money(row.monthly, currency, signed=signed)
    if row.is_part and row.monthly is None:
        cost = "price unknown" if row.unpriced else "by use"
    return f"| {name} | {amount} | {escaped(row.unit)} | {cost if row.is_part or row.monthly is not None else ''} |"


def _left_out(document: Mapping[str, Any]) -> Iterator[str]:
    found = summary(document)
    said = [f"No price for {line}." for line in found.unpriced]
    said += [f"No prices yet for {kind} ({number})." for kind, number in found.unsupported.items()]
    said += list(found.warnings)
    if said:
        yield ""
        yield from (f"* {escaped(one)}" for one in said)


def _money(amount: Decimal | None, currency: str, *, signed: bool = False) -> str:
    return "unknown" if amount is None else money(amount, currency, signed=signed)
