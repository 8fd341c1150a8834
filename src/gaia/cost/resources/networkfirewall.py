"""AWS Network Firewall."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import hourly, used
from gaia.cost.model import Bill, Builder, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource


class Firewall(Builder):
    """A firewall: an endpoint in each subnet, of which Infracost counts one."""

    types = ("aws_networkfirewall_firewall",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Hours of its endpoints, and the data that goes through."""
        endpoints = 1 if resource.parity else max(len(resource.blocks("subnet_mapping")), 1)
        data = resource.usage.number("monthly_data_processed_gb")
        return Bill(
            (
                hourly("Network Firewall Endpoint", _key("endpoint-hours"), Decimal(endpoints)),
                used("Data Processed", "GB", _key("bytes"), data),
            )
        )


def _key(key: str) -> PriceKey:
    return PriceKey("AWSNetworkFirewall", "AWS Firewall", key)
