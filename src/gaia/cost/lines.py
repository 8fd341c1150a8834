"""The two kinds of line that most bills are made of: what runs by the hour, and what depends on usage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.model import ONE, Component

if TYPE_CHECKING:
    from decimal import Decimal

    from gaia.cost.model import PriceKey


def hourly(name: str, price: PriceKey, count: Decimal = ONE, *, fallback: PriceKey | None = None) -> Component:
    """So many of a thing, every hour of the month."""
    return Component(name, "hours", price, hourly=count, fallback=fallback)


def used(name: str, unit: str, price: PriceKey, quantity: Decimal | None, multiplier: Decimal = ONE) -> Component:
    """What depends on usage: so much a month, None when nobody has said how much."""
    return Component(name, unit, price, quantity, multiplier=multiplier, usage_based=True)
