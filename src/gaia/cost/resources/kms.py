"""AWS KMS: a key costs by the month, requests by the ten thousand. Nobody counts requests, so only prices are shown."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.model import ONE, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_TEN_THOUSAND = Decimal(10_000)


_KEY = Component("Customer master key", "months", PriceKey("awskms", "Encryption Key", "key"), monthly=ONE)


def _requests(name: str, price: str) -> Component:
    return Component(
        name,
        "10k requests",
        PriceKey("awskms", "API Request", price),
        multiplier=_TEN_THOUSAND,
        usage_based=True,
    )


class Key(Builder):
    """A key made by KMS."""

    types = ("aws_kms_key",)

    def bill(self, resource: CostResource) -> Bill:
        """The key, and the price of requests of its kind."""
        spec = resource.text("customer_master_key_spec") or "SYMMETRIC_DEFAULT"
        if spec == "SYMMETRIC_DEFAULT":
            # Infracost prices both kinds of data key pairs by the elliptic-curve usage type, and so does this book.
            requests = (
                _requests("Requests", "requests"),
                _requests("ECC GenerateDataKeyPair requests", "requests-generate-datakeypair-ecc"),
                _requests("RSA GenerateDataKeyPair requests", "requests-generate-datakeypair-ecc"),
            )
            return Bill((_KEY, *requests))
        if spec == "RSA_2048":
            return Bill((_KEY, _requests("Requests (RSA 2048)", "requests-rsa-2048")))
        return Bill((_KEY, _requests("Requests (asymmetric)", "requests-asymmetric")))


class ExternalKey(Builder):
    """A key whose material is brought along."""

    types = ("aws_kms_external_key",)

    def bill(self, resource: CostResource) -> Bill:  # noqa: ARG002 - all cost the same
        """The key."""
        return Bill((_KEY,))
