"""AWS Transit Gateway: what is attached costs by the hour, what it sends by the GB; both where the gateway is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.cost.lines import hourly, used
from gaia.cost.model import Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from decimal import Decimal

    from gaia.cost.model import CostResource

_GATEWAY = "aws_ec2_transit_gateway"
_NETWORKS = ("aws_vpc", "aws_default_vpc")


def attachment() -> Component:
    """The hours of an attachment."""
    return hourly("Transit gateway attachment", PriceKey("AmazonVPC", "Transit Gateway", "attachment-hours"))


def data_processed(quantity: Decimal | None) -> Component:
    """The data that an attachment sends through the gateway, in GB."""
    return used("Data processed", "GB", PriceKey("AmazonVPC", "Transit Gateway", "bytes"), quantity)


class NetworkAttachment(Builder):
    """A VPC at a transit gateway."""

    types = ("aws_ec2_transit_gateway_vpc_attachment",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its hours, and what it sends."""
        data = data_processed(resource.usage.number("monthly_data_processed_gb"))
        return _in_region(
            Bill((attachment(), data)),
            resource,
            (*resource.refers("transit_gateway_id", _GATEWAY), *resource.refers("vpc_id", *_NETWORKS)),
        )


class PeeringAttachment(Builder):
    """Another gateway at a transit gateway."""

    types = ("aws_ec2_transit_gateway_peering_attachment",)

    def bill(self, resource: CostResource) -> Bill:
        """Its hours."""
        return _in_region(Bill((attachment(),)), resource, resource.refers("transit_gateway_id", _GATEWAY))


class DirectConnectAssociation(Builder):
    """A direct connect gateway at a transit gateway."""

    types = ("aws_dx_gateway_association",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """What it sends, and its hours."""
        data = data_processed(resource.usage.number("monthly_data_processed_gb"))
        return _in_region(
            Bill((data, attachment())), resource, resource.refers("associated_gateway_id", _GATEWAY, "aws_vpn_gateway")
        )


def _in_region(bill: Bill, resource: CostResource, others: tuple[CostResource, ...]) -> Bill:
    """The bill with the region of the first of these, where it is another than the resource's."""
    region = next((other.region for other in others), resource.region)
    if region == resource.region:
        return bill
    return replace(bill, components=tuple(replace(line, region=region) for line in bill.components))
