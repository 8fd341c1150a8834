"""AWS KMS: a key costs by the month, requests by the ten thousand. Nobody counts requests, so only prices are shown."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.model import ONE, Bill, Component, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_TEN_THOUSAND = Decimal(10_000)


def key(resource: CostResource) -> Bill:
    """`aws_kms_key`."""
    spec = resource.values.get("customer_master_key_spec") or "SYMMETRIC_DEFAULT"
    requests: tuple[Component, ...]
    if spec == "SYMMETRIC_DEFAULT":
        # Infracost prices both kinds of data key pairs by the elliptic-curve usage type, and so does this book.
        requests = (
            _requests("Requests", "requests"),
            _requests("ECC GenerateDataKeyPair requests", "requests-generate-datakeypair-ecc"),
            _requests("RSA GenerateDataKeyPair requests", "requests-generate-datakeypair-ecc"),
        )
    elif spec == "RSA_2048":
        requests = (_requests("Requests (RSA 2048)", "requests-rsa-2048"),)
    else:
        requests = (_requests("Requests (asymmetric)", "requests-asymmetric"),)
    assumed = ("customer_master_key_spec",) if resource.unknown.get("customer_master_key_spec") is True else ()
    return Bill((_KEY, *requests), assumed=assumed)


def external_key(_resource: CostResource) -> Bill:
    """`aws_kms_external_key`."""
    return Bill((_KEY,))


_KEY = Component("Customer master key", "months", PriceKey("awskms", "Encryption Key", "key"), monthly=ONE)


def _requests(name: str, price: str) -> Component:
    return Component(
        name,
        "10k requests",
        PriceKey("awskms", "API Request", price),
        multiplier=_TEN_THOUSAND,
        usage_based=True,
    )
