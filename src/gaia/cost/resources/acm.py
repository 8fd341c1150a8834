"""AWS Certificate Manager: public certificates are free, private ones cost once each, their authority by the month."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import FREE, ONE, Bill, Builder, Component, PriceKey
from gaia.cost.tiers import Tier, tiered

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_SERVICE, _FAMILY = "AWSCertificateManager", "AWS Certificate Manager"


def _price(key: str) -> PriceKey:
    return PriceKey(_SERVICE, _FAMILY, key)


_TIERS = (
    Tier("first 1K", Decimal(1000), _price("certs-first-1k")),
    Tier("next 9K", Decimal(9000), _price("certs-next-9k")),
    Tier("over 10K", None, _price("certs-over-10k")),
)


class Certificate(Builder):
    """A certificate."""

    types = ("aws_acm_certificate",)

    def bill(self, resource: CostResource) -> Bill:
        """One that a private authority issues; others are free."""
        if not resource.has("certificate_authority_arn"):
            return FREE
        return Bill((used("Certificate", "requests", _price("certs-first-1k"), ONE),))


class Authority(Builder):
    """A private certificate authority."""

    types = ("aws_acmpca_certificate_authority",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The authority, dearer when its certificates live long, and what it issues."""
        name, issued = "Private certificate authority", resource.usage.number("monthly_requests")
        if (resource.text("usage_mode") or "").lower() == "short_lived_certificate":
            name += " (short-lived certificate mode)"
            authority = Component(name, "months", _price("private-ca-short-lived"), monthly=ONE)
            certificates = used("Certificates (short-lived)", "requests", _price("certs-short-lived"), issued)
            return Bill((authority, certificates))
        authority = Component(name, "months", _price("private-ca"), monthly=ONE)
        return Bill((authority, *tiered("Certificates", "requests", _TIERS, issued)))
