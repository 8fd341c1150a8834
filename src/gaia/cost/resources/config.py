"""AWS Config: each evaluation of a rule and each recorded change of a resource costs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import Bill, Builder, Component, PriceKey
from gaia.cost.tiers import Tier, tiered

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_SERVICE = "AWSConfig"
_ITEMS, _RULES = "Management Tools - AWS Config", "Management Tools - AWS Config Rules"
_TIERS = (
    Tier("first 100K", Decimal(100_000), PriceKey(_SERVICE, _RULES, "evaluations-first-100k")),
    Tier("next 400K", Decimal(400_000), PriceKey(_SERVICE, _RULES, "evaluations-next-400k")),
    Tier("over 500K", None, PriceKey(_SERVICE, _RULES, "evaluations-over-500k")),
)


class Rule(Builder):
    """A rule, of an account or of an organization."""

    types = (
        "aws_config_config_rule",
        "aws_config_organization_custom_rule",
        "aws_config_organization_managed_rule",
    )
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its evaluations."""
        evaluations = resource.usage.number("monthly_rule_evaluations")
        return Bill(tiered("Rule evaluations", "evaluations", _TIERS, evaluations))


class Recorder(Builder):
    """What records changes."""

    types = ("aws_config_configuration_recorder",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Records of AWS's own resources, and of those that others bring; the two have cost the same so far."""
        items = PriceKey(_SERVICE, _ITEMS, "items")
        return Bill(
            (
                used("Config items", "records", items, resource.usage.number("monthly_config_items")),
                Component(
                    "Custom config items",
                    "records",
                    PriceKey(_SERVICE, _ITEMS, "custom-items"),
                    monthly=resource.usage.number("monthly_custom_config_items"),
                    usage_based=True,
                    fallback=items,
                ),
            )
        )
