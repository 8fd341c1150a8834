"""AWS Direct Connect: a port by the hour, and what leaves AWS through it by the GB and region."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.cost.lines import hourly, used
from gaia.cost.model import Bill, Builder, PriceKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.model import Component, CostResource

_BY_REGION = "monthly_outbound_from_region_to_dx_connection_location"
_FROM_HERE = "monthly_outbound_region_to_dx_location_gb"


class Connection(Builder):
    """A connection at a location; dedicated and private where the usage file says nothing else."""

    types = ("aws_dx_connection",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its hours, and outbound data from each region."""
        location = resource.text("location") or ""
        bandwidth = (resource.text("bandwidth") or "").replace("bps", "", 1)
        kind = (resource.usage.text("dx_connection_type") or "dedicated").casefold()
        key = PriceKey("AWSDirectConnect", "Direct Connect", f"{location}-{bandwidth}").having(connection=kind)
        return Bill((hourly("DX connection", key), *_outbound(resource, location)))


def _outbound(resource: CostResource, location: str) -> Iterator[Component]:
    interface = (resource.usage.text("dx_virtual_interface_type") or "private").casefold()
    key = PriceKey("AWSDirectConnect", "Data Transfer", f"{location}-out").having(interface=interface)
    here = resource.usage.number(_FROM_HERE)
    quantities = {
        name.replace("_", "-"): resource.usage.number(_BY_REGION, name) for name in resource.usage.names(_BY_REGION)
    }
    if here is not None and not quantities:
        quantities = {resource.region: here}
    for region, quantity in quantities.items():
        name = f"Outbound data transfer (from {region}, to {location})"
        yield replace(used(name, "GB", key, quantity), region=region)
