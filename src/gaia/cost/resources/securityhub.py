"""AWS Security Hub: each check of a control costs; which standards bring how many, nobody knows before they have run.

Ours, Infracost does not know it. Standards are resources of their own and are billed with the hub.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.model import Bill, Builder, PriceKey
from gaia.cost.tiers import Tier, tiered

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_SERVICE, _FAMILY = "AWSSecurityHub", "AWS Security Hub"
_TIERS = (
    Tier("first 100K", Decimal(100_000), PriceKey(_SERVICE, _FAMILY, "checks-first-100k")),
    Tier("next 400K", Decimal(400_000), PriceKey(_SERVICE, _FAMILY, "checks-next-400k")),
    Tier("over 500K", None, PriceKey(_SERVICE, _FAMILY, "checks-over-500k")),
)


class Hub(Builder):
    """Security Hub in an account and a region."""

    types = ("aws_securityhub_account",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its checks."""
        return Bill(tiered("Security checks", "checks", _TIERS, resource.usage.number("monthly_security_checks")))
