"""AWS Global Accelerator: a fee by the hour, and a premium for the direction that most data takes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.cost.lines import hourly, used
from gaia.cost.model import ZERO, Bill, Builder, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_GLOBAL = "global"
_VIEWERS = {
    "us": ("US, Mexico, Canada", "NA"),
    "europe": ("Europe", "EU"),
    "south_africa": ("South Africa, Kenya", "ZA"),
    "south_america": ("South America", "SA"),
    "south_korea": ("South Korea", "KR"),
    "middle_east": ("Middle East", "ME"),
    "australia": ("Australia, New Zealand", "AU"),
    "asia_pacific": ("Asia Pacific", "AP"),
    "india": ("India, Indonesia, Philippines, Thailand", "IN"),
}
"""Where viewers are: by key of the usage file, the shown name and the price list's code."""
_CODES = (("us-gov-", "US"), ("us-", "NA"), ("ca-", "NA"), ("mx-", "NA"), ("cn-", "AP"), ("eu-", "EU"), ("il-", "EU"),
          ("ap-", "AP"), ("me-", "ME"), ("sa-", "SA"), ("af-", "ZA"))  # fmt: skip
_IN, _OUT = "monthly_inbound_data_transfer_gb", "monthly_outbound_data_transfer_gb"


class Accelerator(Builder):
    """An accelerator."""

    types = ("aws_globalaccelerator_accelerator",)

    def bill(self, resource: CostResource) -> Bill:  # noqa: ARG002 - all cost the same
        """Its fee."""
        fee = hourly("Fixed fee", PriceKey("AWSGlobalAccelerator", "Global Accelerator", "fixed-fee"))
        return Bill((replace(fee, region=_GLOBAL),))


class EndpointGroup(Builder):
    """Endpoints in one region: a group of lines for each place with usage."""

    types = ("aws_globalaccelerator_endpoint_group",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The premium of the direction that most data takes."""
        region = resource.text("endpoint_group_region") or resource.region
        said = {place: (resource.usage.number(_IN, place), resource.usage.number(_OUT, place)) for place in _VIEWERS}
        known = {
            place: (into or ZERO, out or ZERO) for place, (into, out) in said.items() if (into, out) != (None, None)
        }
        outbound = sum(into for into, _ in known.values()) < sum(out for _, out in known.values())
        direction = "Out" if outbound else "In"
        start = next((code for prefix, code in _CODES if region.startswith(prefix)), "")
        groups = []
        for place, quantities in known.items():
            shown, code = _VIEWERS[place]
            key = PriceKey("AWSGlobalAccelerator", "Data Transfer", f"{start}-{code}-{direction.upper()}")
            line = used(f"{direction}bound DT-premium fee", "GB", key, quantities[outbound])
            groups.append((shown, Bill((replace(line, region=_GLOBAL),))))
        return Bill((), tuple(groups))
