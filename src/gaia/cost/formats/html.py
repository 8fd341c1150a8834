"""A page that stands by itself: to be attached, mailed or printed."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from gaia.cost.formats.rows import rows
from gaia.cost.summary import summary
from gaia.cost.wording import money, quantity, range_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.cost.formats.rows import CostRow, View

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:60em;padding:0 1em;color:#1f2328}"
    "table{border-collapse:collapse;width:100%}"
    "td,th{padding:.25em .6em;border-bottom:1px solid #d1d9e0;text-align:left}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}tr.r td{font-weight:600}.q{color:#59636e}.w{color:#9a6700}"
    "@media(prefers-color-scheme:dark){body{background:#0d1117;color:#f0f6fc}td,th{border-color:#3d444d}}"
)


def html(document: Mapping[str, Any], view: View) -> str:
    """Without scripts, and without anything from elsewhere."""
    found = summary(document)
    currency, signed = found.currency, view == "diff"
    figure = found.diff_monthly if signed else found.monthly
    total = "unknown" if figure is None else money(figure, currency, signed=signed)
    title = "Difference a month" if signed else "Cost a month"
    body = "".join(_row(one, currency, signed=signed) for one in rows(document, view))
    said = [f"No price for {line}." for line in found.unpriced]
    said += [f"No prices yet for {kind} ({number})." for kind, number in found.unsupported.items()]
    said += list(found.warnings)
    usage = "" if signed or not (text := range_of(found)) else f"<p>{escape(text)}.</p>\n"
    notes = "".join(f'<li class="w">{escape(one)}</li>' for one in said)
    partial = "" if found.complete else ' <span class="w">(partial)</span>'
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}: {escape(total)}{partial}</h1>\n{usage}"
        f"<table><thead><tr><th>resource</th><th>quantity</th><th>unit</th><th>a month</th></tr></thead><tbody>\n{body}"
        f'</tbody></table>\n<ul>{notes}</ul><p class="q">Prices as of {escape(found.prices_as_of or "no day")}; '
        f"made {escape(str(document.get('timeGenerated', '')))}.</p></body></html>\n"
    )


def _row(row: CostRow, currency: str, *, signed: bool) -> str:
    amount = "" if row.quantity is None else quantity(row.quantity)
    if row.monthly is not None:
        cost = money(row.monthly, currency, signed=signed)
    else:
        cost = ("price unknown" if row.unpriced else "by use") if row.is_part else ""
    kind = "" if row.is_part or row.depth else ' class="r"'
    return (
        f'<tr{kind}><td style="padding-left:{row.depth * 1.5 + 0.6:g}em">{escape(row.name)}</td>'
        f'<td class="n">{escape(amount)}</td><td class="q">{escape(row.unit)}</td>'
        f'<td class="n">{escape(cost)}</td></tr>\n'
    )
