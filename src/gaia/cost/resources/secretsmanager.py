"""AWS Secrets Manager: a secret costs by the month, requests by the ten thousand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ONE, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_SERVICE = "AWSSecretsManager"


class Secret(Builder):
    """A secret with all its versions."""

    types = ("aws_secretsmanager_secret",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The secret, one in each region that it is copied to (ours), and requests."""
        copies = [region for copy in resource.blocks("replica") if (region := copy.text("region"))]
        secret = Component("Secret", "months", PriceKey(_SERVICE, "Secret", "secret"), monthly=ONE)
        price = PriceKey(_SERVICE, "API Request", "requests")
        requests = resource.usage.number("monthly_requests")
        return Bill(
            (secret, used("API requests", "10k requests", price, requests, Decimal(10_000))),
            ()
            if resource.parity
            else tuple((f"Replica ({region})", Bill((replace(secret, region=region),))) for region in copies),
        )
