"""AWS CloudHSM: modules by the hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import HOURS_A_MONTH, Bill, Builder, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource


class Module(Builder):
    """A module, which runs all the time unless the usage file says else."""

    types = ("aws_cloudhsm_v2_hsm",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its hours."""
        hours = resource.usage.number("monthly_hrs")
        price = PriceKey("CloudHSM", "Dedicated-Host", "hsm-hours")
        return Bill((used("HSM usage", "hours", price, HOURS_A_MONTH if hours is None else hours),))
