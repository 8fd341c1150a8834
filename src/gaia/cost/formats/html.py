"""A page that stands by itself: to be attached, mailed or printed."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from gaia.cost.formats.rows import projects
from gaia.cost.summary import summary
from gaia.cost.wording import change_of, left_out, money, quantity, range_of, total_of
from gaia.kit.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.cost.formats.rows import CostRow, ProjectRow, View

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:60em;padding:0 1em;color:#1f2328}"
    "table{border-collapse:collapse;width:100%}"
    "td,th{padding:.25em .6em;border-bottom:1px solid #d1d9e0;text-align:left}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}tr.r td{font-weight:600}"
    ".q{color:#59636e}.w{color:#9a6700}"
    "@media(prefers-color-scheme:dark){body{background:#0d1117;color:#f0f6fc}td,th{border-color:#3d444d}}"
)


def html(document: Mapping[str, Any], view: View) -> str:
    """Without scripts, and without anything from elsewhere."""
    found = summary(document)
    signed = view == "diff"
    total = change_of(found) if signed else total_of(found)
    title = "Difference a month" if signed else "Cost a month"
    body = "".join(_rows(document, view))
    usage = "" if signed or not (text := range_of(found)) else f"<p>{_text(text)}.</p>\n"
    notes = "".join(f'<li class="w">{_text(one)}</li>' for _, one in left_out(found))
    partial = "" if found.complete else ' <span class="w">(partial)</span>'
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}: {_text(total)}{partial}</h1>\n{usage}"
        f"<table><thead><tr><th>resource</th><th>quantity</th><th>unit</th><th>a month</th></tr></thead><tbody>\n{body}"
        f'</tbody></table>\n<ul>{notes}</ul><p class="q">Prices as of {_text(found.prices_as_of or "no day")}; '
        f"made {_text(str(document.get('timeGenerated', '')))}.</p></body></html>\n"
    )


def _rows(document: Mapping[str, Any], view: View) -> Iterator[str]:
    """Of several projects, with a row before those of each."""
    found, signed = list(projects(document)), view == "diff"
    for project in found:
        if len(found) > 1:
            yield _heading(project, signed=signed)
        for row in project.rows(view):
            yield _row(row, project.figures.currency, signed=signed)


def _heading(project: ProjectRow, *, signed: bool) -> str:
    figure = change_of(project.figures) if signed else total_of(project.figures)
    shown = "no estimate" if project.error else figure
    return f'<tr class="r"><th colspan="3">{_text(project.name)}</th><th class="n">{_text(shown)}</th></tr>\n'


def _text(text: str) -> str:
    """Escaped, with control characters and what turns the direction of writing as escapes."""
    return escape(visible(text))


def _row(row: CostRow, currency: str, *, signed: bool) -> str:
    amount = "" if row.quantity is None else quantity(row.quantity)
    if row.monthly is not None:
        cost = money(row.monthly, currency, signed=signed)
    else:
        cost = ("price unknown" if row.unpriced else "by use") if row.is_part else ""
    kind = "" if row.is_part or row.depth else ' class="r"'
    return (
        f'<tr{kind}><td style="padding-left:{row.depth * 1.5 + 0.6:g}em">{_text(row.name)}</td>'
        f'<td class="n">{_text(amount)}</td><td class="q">{_text(row.unit)}</td>'
        f'<td class="n">{_text(cost)}</td></tr>\n'
    )
