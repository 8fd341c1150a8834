"""How much of what a tenant may have in a stage, and how much there is: pure, and three-valued as budgets are."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from gaia.cost.budgets import verdict
from gaia.cost.model import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gaia.cost.budgets import Commitment, Scope, Verdict
    from gaia.cost.capacity import Capacity
    from gaia.errors import Position

Measure = Literal["services", "vcpu", "memory_gib", "storage_gib", "monthly"]
MEASURES: tuple[Measure, ...] = ("services", "vcpu", "memory_gib", "storage_gib", "monthly")


@dataclass(frozen=True, slots=True)
class Quota:
    """The most that a tenant may have in a stage, of each thing that is limited."""

    scope: Scope
    most: Mapping[Measure, Decimal]
    at: Position
    published: bool = True
    """Whether it is on the branch that counts; else it limits nobody yet."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one service takes up: its commitment, and the capacity of its resources."""

    commitment: Commitment
    capacity: Capacity
    services: int = 1
    """An order's are several."""

    def of(self, measure: Measure) -> Decimal | None:
        """How much of a thing; None where nobody knows. `monthly` is in dollars."""
        if measure == "services":
            return Decimal(self.services)
        if measure == "monthly":
            return self.commitment.monthly if self.commitment.currency == "USD" else None
        found: Decimal | None = getattr(self.capacity, measure)
        return found


@dataclass(frozen=True, slots=True)
class QuotaStatus:
    """Where a quota stands in one measure."""

    scope: Scope
    measure: Measure
    most: Decimal
    used: Decimal
    """The sum of what is known, with what is asked for."""
    unknown: tuple[str, ...]
    """Services of which it is not known."""
    verdict: Verdict
    published: bool = True


def taken(quotas: Iterable[Quota], footprints: Sequence[Footprint]) -> tuple[QuotaStatus, ...]:
    """Each limit with what is held of it. Of one service in several states the most counts."""
    return tuple(
        _status(quota, measure, [one for one in footprints if quota.scope.holds(one.commitment)])
        for quota in quotas
        for measure in MEASURES
        if measure in quota.most
    )


def _status(quota: Quota, measure: Measure, footprints: Sequence[Footprint]) -> QuotaStatus:
    used, unknown = ZERO, []
    for service in dict.fromkeys(one.commitment.key for one in footprints):
        amounts = [one.of(measure) for one in footprints if one.commitment.key == service]
        used += max((amount for amount in amounts if amount is not None), default=ZERO)
        if None in amounts:
            unknown.append(service[-1])
    most = quota.most[measure]
    said = verdict(used, most, unknown=bool(unknown))
    return QuotaStatus(quota.scope, measure, most, used, tuple(sorted(set(unknown))), said, quota.published)
