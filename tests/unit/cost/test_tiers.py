"""Quantities that are priced by tiers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gaia.cost.model import PriceKey
from gaia.cost.tiers import Tier, tiered

TIERS = [
    Tier("first 6B", Decimal(6), PriceKey("S", "F", "a")),
    Tier("next 9B", Decimal(9), PriceKey("S", "F", "b")),
    Tier("over 15B", None, PriceKey("S", "F", "c")),
]


@pytest.mark.parametrize(
    ("monthly", "parts"),
    [(None, [None]), (0, [0]), (6, [6]), (7, [6, 1]), (15, [6, 9]), (20, [6, 9, 5])],
)
def test_each_tier_that_is_reached_is_a_line(monthly: int | None, parts: list[int | None]) -> None:
    """The first is always there; together they are the whole."""
    lines = tiered("Duration", "GB-seconds", TIERS, None if monthly is None else Decimal(monthly))
    assert [line.monthly for line in lines] == parts
    assert [line.name for line in lines] == [f"Duration ({tier.label})" for tier in TIERS][: len(parts)]
    assert [line.price for line in lines] == [tier.price for tier in TIERS][: len(parts)]
    assert all(line.usage_based for line in lines)


def test_what_is_over_the_last_tier_is_in_none() -> None:
    """Where the last tier has a size."""
    assert [line.monthly for line in tiered("X", "GB", TIERS[:2], Decimal(20))] == [6, 9]
