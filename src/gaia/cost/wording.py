"""Money and quantities as people read them."""

from __future__ import annotations

from decimal import Decimal

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
