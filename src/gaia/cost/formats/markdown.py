"""Markdown for a comment of a pull request: what it costs by project, and what costs what below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.cost.formats.rows import projects
from gaia.cost.summary import summary
from gaia.cost.wording import NO_FIGURE, change_of, left_out, money, past_of, quantity, range_of, total_of
from gaia.kit.markdown import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from gaia.cost.formats.rows import CostRow, View
    from gaia.cost.summary import CostSummary

MOST = 200
"""Rows in the table of parts: a comment may hold some 65,000 characters."""


def markdown(document: Mapping[str, Any], view: View) -> str:
    """All names are escaped: none of them makes a link, an image or a mention."""
    found = summary(document)
    lines = [f"### {_headline(found)}", ""]
    if text := range_of(found):
        lines += [f"By use: {escaped(text)}.", ""]
    lines += ["| project | now | change | afterwards |", "|---|---:|---:|---:|"]
    for one in projects(document):
        figures = (past_of(one.figures), change_of(one.figures), total_of(one.figures))
        lines.append(f"| {escaped(one.name)} | {' | '.join(figures)} |")
    parts = list(_parts(document, view))
    if parts:
        title = "What changes" if view == "diff" else "What costs what"
        lines += [
            "",
            f"<details><summary>{title}</summary>",
            "",
            "| | quantity | unit | a month |",
            "|---|---:|---|---:|",
        ]
        lines += parts[:MOST]
        if (more := len(parts) - MOST) > 0:
            lines += ["", f"And {more} more lines."]
        lines += ["", "</details>"]
    lines += _left_out(document)
    return "\n".join(lines) + "\n"


def _parts(document: Mapping[str, Any], view: View) -> Iterator[str]:
    """A row of the table each; of several projects, with a row before those of each."""
    found = list(projects(document))
    for project in found:
        signed = view == "diff"
        inner = [_row(one, project.figures.currency, signed=signed) for one in project.rows(view)]
        if len(found) > 1 and inner:
            figure = change_of(project.figures) if signed else total_of(project.figures)
            yield f"| **{escaped(project.name)}** | | | **{figure}** |"
        yield from inner


def _headline(found: CostSummary) -> str:
    after = total_of(found)
    partial = "" if found.complete else " (partial)"
    if not found.diff_monthly:
        return f"Monthly cost: {after}{partial}"
    return f"Monthly cost: {money(found.diff_monthly, found.currency, signed=True)}, afterwards {after}{partial}"


def _row(row: CostRow, currency: str, *, signed: bool) -> str:
    name = "&nbsp;" * 4 * row.depth + (escaped(row.name) if row.is_part else f"**{escaped(row.name)}**")
    amount = "" if row.quantity is None else quantity(row.quantity)
    cost = _money(row.monthly, currency, signed=signed)
    if row.is_part and row.monthly is None:
        cost = "price unknown" if row.unpriced else "by use"
    return f"| {name} | {amount} | {escaped(row.unit)} | {cost if row.is_part or row.monthly is not None else ''} |"


def _left_out(document: Mapping[str, Any]) -> Iterator[str]:
    said = [text for _, text in left_out(summary(document))]
    if said:
        yield ""
        yield from (f"* {escaped(one)}" for one in said)


def _money(amount: Decimal | None, currency: str, *, signed: bool = False) -> str:
    return NO_FIGURE if amount is None else money(amount, currency, signed=signed)
