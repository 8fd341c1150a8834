"""Money and quantities as people read them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gaia.cost.summary import CostSummary

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
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
