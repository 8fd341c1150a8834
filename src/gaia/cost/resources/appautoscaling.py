"""Application Auto Scaling: a target costs nothing; it says how much of something else there is at least."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.model import FREE, Bill, Builder

if TYPE_CHECKING:
    from decimal import Decimal

    from gaia.cost.model import CostResource

_TARGET = "aws_appautoscaling_target"


class Target(Builder):
    """What may scale, and between which bounds."""

    types = (_TARGET,)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Nothing; its expected capacity is read by what it scales."""
        resource.usage.number("capacity")
        return FREE


def scaled(resource: CostResource, dimension: str) -> Decimal | None:
    """How much of a dimension there is when it scales: what the usage file says, else the least; else None."""
    found = None
    for target in resource.referring(_TARGET, "resource_id"):
        if target.text("scalable_dimension") == dimension:
            capacity = target.usage.number("capacity")
            found = target.number("min_capacity") if capacity is None else capacity
    return found
