"""Quantities whose price falls, or rises, by tiers: `Duration (first 6B)`, `Duration (next 9B)`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.cost.model import ONE, ZERO, Component

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from gaia.cost.model import PriceKey


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier: its label, how much fits into it (None: all the rest) and its price."""

    label: str
    size: Decimal | None
    price: PriceKey


def tiered(
    name: str,
    unit: str,
    tiers: Sequence[Tier],
    monthly: Decimal | None,
    *,
    multiplier: Decimal = ONE,
    region: str = "",
) -> tuple[Component, ...]:
    """A line for each tier that is reached. The first is always shown, alone when nobody has said how much."""
    lines, rest = [], monthly
    for number, tier in enumerate(tiers):
        part = None if rest is None else rest if tier.size is None else min(rest, tier.size)
        if number and not part:
            break
        shown = f"{name} ({tier.label})"
        lines.append(Component(shown, unit, tier.price, part, multiplier=multiplier, usage_based=True, region=region))
        rest = None if rest is None or part is None else max(rest - part, ZERO)
    return tuple(lines)
