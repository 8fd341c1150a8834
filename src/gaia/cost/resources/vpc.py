"""Amazon VPC: addresses, NAT gateways, endpoints and mirrored traffic."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import hourly, used
from gaia.cost.model import FREE, ONE, Bill, Builder, Component, PriceKey
from gaia.cost.tiers import Tier, tiered

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_NAT = PriceKey("AmazonEC2", "NAT Gateway", "")
_ENDPOINT = PriceKey("AmazonVPC", "VpcEndpoint", "")
_ADDRESS = PriceKey("AmazonVPC", "VPCPublicIPv4Address", "")


def public_addresses(count: int) -> Component:
    """Public IPv4 addresses in use, which AWS bills since February 2024 and Infracost does not price."""
    in_use, idle = _key(_ADDRESS, "in-use"), _key(_ADDRESS, "idle")
    return hourly("Public IPv4 address", in_use, Decimal(count), fallback=idle)


class NatGateway(Builder):
    """A NAT gateway; its address is billed by the `aws_eip` that it names."""

    types = ("aws_nat_gateway",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its hours, and the data that goes through."""
        data = used("Data processed", "GB", _key(_NAT, "bytes"), resource.usage.number("monthly_data_processed_gb"))
        return Bill((hourly("NAT gateway", _key(_NAT, "hours"), fallback=_key(_NAT, "nat-gateway")), data))


class ElasticAddress(Builder):
    """An elastic IP address. For Infracost one that is attached is free, as it was before February 2024."""

    types = ("aws_eip",)

    def bill(self, resource: CostResource) -> Bill:
        """The hours of an address in use, or of one that nothing uses."""
        if resource.has("customer_owned_ipv4_pool"):
            return FREE
        if not _attached(resource):
            return Bill((hourly("IP address (if unused)", _key(_ADDRESS, "idle")),))
        return FREE if resource.parity else Bill((public_addresses(1),))


def _attached(resource: CostResource) -> bool:
    return (
        resource.has("instance")
        or resource.has("network_interface")
        or any(
            resource.referring(kind, attribute)
            for kind, attribute in (
                ("aws_nat_gateway", "allocation_id"),
                ("aws_nat_gateway", "secondary_allocation_ids"),
                ("aws_eip_association", "allocation_id"),
                ("aws_lb", "subnet_mapping.allocation_id"),
            )
        )
    )


class Endpoint(Builder):
    """A VPC endpoint: one network interface in each subnet, which costs by the hour; gateways cost nothing."""

    types = ("aws_vpc_endpoint",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Hours of each interface, and the data that goes through."""
        kind = resource.text("vpc_endpoint_type") or "Gateway"
        data = resource.usage.number("monthly_data_processed_gb")
        if kind.casefold() == "gateway":
            return FREE
        balancer = kind.casefold() == "gatewayloadbalancer"
        prefix = "gwlb" if balancer else kind.casefold()
        hours = hourly(f"Endpoint ({kind})", _key(_ENDPOINT, f"{prefix}-hours"), Decimal(_subnets(resource)))
        if balancer:
            return Bill((used("Data processed", "GB", _key(_ENDPOINT, "gwlb-bytes"), data), hours))
        return Bill((*tiered("Data processed", "GB", _tiers(prefix), data), hours))


def _tiers(prefix: str) -> tuple[Tier, ...]:
    # AWS counts a petabyte as 1024 TB; Infracost fills its tiers by the million GB, and so do we.
    return (
        Tier("first 1PB", Decimal(1_000_000), _key(_ENDPOINT, f"{prefix}-bytes-first-1PB")),
        Tier("next 4PB", Decimal(4_000_000), _key(_ENDPOINT, f"{prefix}-bytes-next-4PB")),
        Tier("over 5PB", None, _key(_ENDPOINT, f"{prefix}-bytes-over-5PB")),
    )


def _subnets(resource: CostResource) -> int:
    """How many subnets it is in, those that are still to be made too; at least one."""
    said = resource.count("subnet_ids") or len(resource.refers("subnet_ids", "aws_subnet"))
    return max(said, len(resource.referring("aws_vpc_endpoint_subnet_association", "vpc_endpoint_id")), 1)


class TrafficMirror(Builder):
    """A session that mirrors the traffic of one network interface."""

    types = ("aws_ec2_traffic_mirror_session",)

    def bill(self, resource: CostResource) -> Bill:  # noqa: ARG002 - all cost the same
        """Its hours."""
        key = PriceKey("AmazonVPC", "Traffic Mirroring", "session-hours")
        return Bill((hourly("Traffic mirror", key, ONE),))


def _key(key: PriceKey, name: str) -> PriceKey:
    return PriceKey(key.service, key.family, name)
