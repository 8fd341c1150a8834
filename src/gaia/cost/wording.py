"""Money and quantities as people read them."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gaia.cost.summary import CostSummary

NO_FIGURE, BY_USE = "unknown", "by use"
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+")
_CENT = Decimal("0.01")


def money(amount: Decimal, currency: str = "USD", *, signed: bool = False) -> str:
    """`$11.50`; `<$0.01` for what would be rounded to nothing; with a plus sign where `signed`."""
    sign = _SIGNS.get(currency, currency + " ")
    before = "-" if amount < 0 else "+" if signed and amount > 0 else ""
    size = abs(amount)
    if 0 < size < _CENT:
        return f"{before}<{sign}0.01"
    return f"{before}{sign}{size.quantize(_CENT):,}"


def quantity(amount: Decimal) -> str:
    """`500`, `1,000,000`, `0.5`."""
    text = f"{amount:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def range_of(found: CostSummary) -> str:
    """`$412.10 a month expected, $380.00 to $520.00; 3 of 5 lines by use are assumed`.

    Empty where usage may change nothing, or no figure is known.
    """
    at = found.range
    if at.low is None or at.expected is None or at.high is None:
        return ""
    if at.low == at.expected == at.high and not at.assumed:
        return ""
    low, expected, high = (money(amount, found.currency) for amount in (at.low, at.expected, at.high))
    text = f"{expected} a month expected, {low} to {high}"
    if at.assumed:
        number, of = len(at.assumed), len(found.pending)
        verb = "is" if number == 1 else "are"
        text += f"; {number} of {of} {'line' if of == 1 else 'lines'} by use {verb} assumed"
    return text if found.total_complete else f"{text}; without what has no price"


def total_of(found: CostSummary) -> str:
    """`$14.02`, `at least $14.02`, `unknown`, `by use`: what it costs a month."""
    if found.monthly is None and found.total_complete and found.pending:
        return BY_USE
    return _bound(found.monthly, found.currency, whole=found.total_complete)


def past_of(found: CostSummary) -> str:
    """The same of what there is now."""
    return _bound(found.past_monthly, found.currency, whole=found.past_complete)


def change_of(found: CostSummary) -> str:
    """`+$14.02`, `+$14.02, partial`, `unknown`: what changes a month."""
    change = found.diff_monthly
    if change is None or not (found.difference_complete or change):
        return NO_FIGURE
    shown = money(change, found.currency, signed=True)
    return shown if found.difference_complete else f"{shown}, partial"


def changes_nothing(found: CostSummary) -> str:
    """What is said where no line changes: that nothing changes the bill, only where that is known."""
    return "Nothing changes the bill." if found.difference_complete else "Nothing that has a price changes."


def _bound(amount: Decimal | None, currency: str, *, whole: bool) -> str:
    if amount is None or not (whole or amount):
        return NO_FIGURE
    return money(amount, currency) if whole else f"at least {money(amount, currency)}"


def not_priced(found: CostSummary) -> str:
    """`1 of 2 resources is not fully priced`, `3 projects have no estimate`, or both."""
    said = []
    if found.failed:
        said.append(_many(len(found.failed), "project has no estimate", "projects have no estimate"))
    if found.not_priced:
        verb = "is" if found.not_priced == 1 else "are"
        of = _many(found.resources, "resource", "resources")
        said.append(f"{found.not_priced} of {of} {verb} not fully priced")
    return ", ".join(said)


def left_out(found: CostSummary) -> Iterator[tuple[bool, str]]:
    """What the figures do not hold, and what they were made with; true of each that makes them partial."""
    if not found.complete:
        yield True, f"Partial: {not_priced(found)}."
    for line in found.failed:
        yield True, f"No estimate of {line}"
    for line in _by_resource(found.unpriced):
        yield True, f"No price for {line}: it is not in the total."
    regions = sorted({shown.rpartition(" (")[2].rstrip(")") for shown in found.unpriced})
    if fetched := [region for region in regions if _REGION.fullmatch(region)]:
        options = " ".join(f"--region {region}" for region in fetched)
        yield False, f"`gaia prices refresh {options}` fetches what AWS lists; GAIA_PRICES names prices of your own."
    for kind, number in found.unsupported.items():
        yield True, f"No prices yet for {kind} ({number}): not in the total."
    for line in found.doubtful:
        yield True, f"Unknown until apply: {line}; a default is priced in its place."
    for region, number in sorted(Counter(one.rpartition(": ")[2] for one in found.regions).items()):
        many = _many(number, "resource", "resources")
        yield False, f"The plan does not say the region of {many}: taken for {region}."
    if found.diff_monthly and not found.difference_complete:
        yield True, "The difference is partial: it lacks what has no price."
    for warning in found.warnings:
        yield False, warning
    if found.pending:
        lines = _many(len(found.pending), "line", "lines")
        yield False, f"{lines} by use whose quantity nobody has said: not in the total."


def _by_resource(unpriced: Iterable[str]) -> Iterator[str]:
    """`ADDRESS: COMPONENT; COMPONENT (REGION)` of each resource."""
    parts: dict[tuple[str, str], list[str]] = {}
    for shown in unpriced:
        address, _, rest = shown.partition(": ")
        component, _, region = rest.rpartition(" (")
        parts.setdefault((address, region), []).append(component)
    for (address, region), components in parts.items():
        yield f"{address}: {'; '.join(components)} ({region}"


def _many(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
