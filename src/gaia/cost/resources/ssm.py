"""AWS Systems Manager: parameters beyond the standard tier, and machines outside of AWS beyond a thousand."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import FREE, HOURS_A_MONTH, ONE, ZERO, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_SERVICE, _FAMILY = "AWSSystemsManager", "AWS Systems Manager"
_FREE_MACHINES = 1000
_EXACT_ENOUGH = Decimal("1e-22")
"""Hours that are shown are whole again, and costs are no endless fractions."""


class Parameter(Builder):
    """A parameter; one of the standard tier is free."""

    types = ("aws_ssm_parameter",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The parameter, priced by the month and shown in hours, and requests."""
        usage, tier = resource.usage, (resource.text("tier") or "standard").lower()
        hours, limit = usage.number("parameter_storage_hrs"), (usage.text("api_throughput_limit") or tier).lower()
        requests = usage.number("monthly_api_interactions")
        if tier == "standard":
            return FREE
        parameter = used(
            "Parameter storage (advanced)",
            "hours",
            PriceKey(_SERVICE, _FAMILY, "advanced-parameter"),
            ONE if hours is None else (hours / HOURS_A_MONTH).quantize(_EXACT_ENOUGH),
            ONE / HOURS_A_MONTH,
        )
        price = PriceKey(_SERVICE, "API Request", "parameter-interactions")
        return Bill(
            (parameter, used(f"API interactions ({limit})", "10k interactions", price, requests, _TEN_THOUSAND))
        )


_TEN_THOUSAND = Decimal(10_000)


class Activation(Builder):
    """What registers machines that are not in AWS."""

    types = ("aws_ssm_activation",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The machines, where there are more than are free."""
        tier, machines = resource.usage.text("instance_tier"), resource.usage.number("instances")
        many = (resource.number("registration_limit") or ZERO) > _FREE_MACHINES
        if (tier or ("advanced" if many else "standard")).lower() != "advanced":
            return FREE
        price = PriceKey(_SERVICE, _FAMILY, "advanced-instance")
        name = "On-prem managed instances (advanced)"
        return Bill((Component(name, "hours", price, hourly=machines, usage_based=True),))
