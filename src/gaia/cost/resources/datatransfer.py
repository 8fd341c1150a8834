"""Data transfer of a region, which belongs to no resource of Terraform: a usage file alone declares it.

`aws_data_transfer.anything` in the usage file says how much goes where, and its `region`.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import Bill, Builder, PriceKey
from gaia.cost.tiers import Tier, tiered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.model import Component, CostResource


def _key(key: str) -> PriceKey:
    return PriceKey("AWSDataTransfer", "Data Transfer", key)


_TIERS = (
    Tier("first 10TB", Decimal(10_240), _key("out-internet-first-10TB")),
    Tier("next 40TB", Decimal(40_960), _key("out-internet-next-40TB")),
    Tier("next 100TB", Decimal(102_400), _key("out-internet-next-100TB")),
    Tier("over 150TB", None, _key("out-internet-over-150TB")),
)


class DataTransfer(Builder):
    """What a region sends; only what the usage file names is shown."""

    types = ("aws_data_transfer",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Within the region, to the internet and to other regions."""
        region = resource.usage.text("region") or resource.region
        return Bill(tuple(replace(line, region=region) for line in _lines(resource)))


def _lines(resource: CostResource) -> Iterator[Component]:
    said = resource.usage.number
    within, internet = said("monthly_intra_region_gb"), said("monthly_outbound_internet_gb")
    if within is not None:
        # Both sides pay.
        yield used("Intra-region data transfer", "GB", _key("intra-region"), within * 2)
    if internet is not None:
        yield from tiered("Outbound data transfer to Internet", "GB", _TIERS, internet)
    east, elsewhere = said("monthly_outbound_us_east_to_us_east_gb"), said("monthly_outbound_other_regions_gb")
    if east is not None:
        yield used("Outbound data transfer to US East regions", "GB", _key("out-us-east"), east)
    if elsewhere is not None:
        yield used("Outbound data transfer to other regions", "GB", _key("out-other-regions"), elsewhere)
