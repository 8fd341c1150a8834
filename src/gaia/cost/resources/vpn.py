"""AWS VPN: connections between sites, and endpoints for clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.lines import hourly
from gaia.cost.model import Bill, Builder, PriceKey
from gaia.cost.resources.transitgateway import attachment, data_processed
from gaia.cost.resources.vpc import public_addresses

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_TUNNELS = 2


class Connection(Builder):
    """A connection to another site, through a transit gateway or not."""

    types = ("aws_vpn_connection",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its hours, its transit gateway attachment, and the public addresses of its two tunnels."""
        lines = [hourly("VPN connection", PriceKey("AmazonVPC", "Cloud Connectivity", "vpn-hours"))]
        data = resource.usage.number("monthly_data_processed_gb")
        if resource.has("transit_gateway_id"):
            lines += [attachment(), data_processed(data)]
        if not resource.parity and resource.text("outside_ip_address_type") != "PrivateIpv4":
            lines.append(public_addresses(_TUNNELS))
        return Bill(tuple(lines))


class ClientEndpoint(Builder):
    """An endpoint that clients connect to; one connection that is always there is counted."""

    types = ("aws_ec2_client_vpn_endpoint",)

    def bill(self, resource: CostResource) -> Bill:  # noqa: ARG002 - all cost the same
        """Hours of a connection."""
        return Bill((hourly("Connection", PriceKey("AmazonVPC", "Client VPN", "connection-hours")),))


class ClientAssociation(Builder):
    """The association of an endpoint with a subnet."""

    types = ("aws_ec2_client_vpn_network_association",)

    def bill(self, resource: CostResource) -> Bill:  # noqa: ARG002 - all cost the same
        """Its hours."""
        return Bill((hourly("Endpoint association", PriceKey("AmazonVPC", "Client VPN", "endpoint-hours")),))
