"""Elastic Load Balancing: hours, and capacity units for what goes through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import hourly, used
from gaia.cost.model import HOURS_A_MONTH, Bill, Builder, Component, PriceKey
from gaia.cost.resources.vpc import public_addresses, subnets_of

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_CLASSIC, _APPLICATION, _NETWORK = "Load Balancer", "Load Balancer-Application", "Load Balancer-Network"
_GATEWAY = "Load Balancer-Gateway"


@dataclass(frozen=True, slots=True)
class _Unit:
    """What one capacity unit takes: new connections a second, active ones, GB an hour, rule evaluations a second."""

    new: Decimal
    active: Decimal
    rules: Decimal | None


_INFRACOST = _Unit(Decimal(100), Decimal(3000), Decimal(1000))
_LCU = _Unit(Decimal(25), Decimal(3000), Decimal(1000))
_NLCU = _Unit(Decimal(800), Decimal(100_000), None)


class LoadBalancer(Builder):
    """An application, network or gateway load balancer. Infracost prices the last as a network one."""

    types = ("aws_alb", "aws_lb")
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its hours, its capacity units, and its public addresses where it faces the internet."""
        application = (resource.text("load_balancer_type") or "application").casefold() == "application"
        # Hours of both kinds cost the same in every region whose prices are known.
        older = PriceKey("AWSELB", _NETWORK, "network-load-balancer")
        if application:
            hours = hourly("Application load balancer", PriceKey("AWSELB", _APPLICATION, "hours"), fallback=older)
        elif _is_gateway(resource):
            hours = hourly("Gateway load balancer", PriceKey("AWSELB", _GATEWAY, "hours"), fallback=older)
        else:
            hours = hourly("Network load balancer", PriceKey("AWSELB", _NETWORK, "hours"), fallback=older)
        addresses = 0 if resource.parity else _addresses(resource)
        return Bill((hours, _capacity(resource, application), *([public_addresses(addresses)] if addresses else [])))


def _capacity(resource: CostResource, application: bool) -> Component:
    # The price list keeps the units of network load balancers in the family of application ones.
    key = PriceKey("AWSELB", _APPLICATION, "lcu" if application else "nlcu")
    if resource.parity:
        quantity = _units(resource, _INFRACOST, application, Decimal(1))
    else:
        units = _units(resource, _LCU if application else _NLCU, application, HOURS_A_MONTH)
        quantity = None if units is None else units * HOURS_A_MONTH
    line = used("Load balancer capacity units", "LCU", key, quantity, multiplier=HOURS_A_MONTH)
    # The book has no prices of gateways: a network one's, which is higher, stands in for it, and that is said.
    return replace(line, price=PriceKey("AWSELB", _GATEWAY, "glcu"), fallback=key) if _is_gateway(resource) else line


def _is_gateway(resource: CostResource) -> bool:
    return resource.text("load_balancer_type") == "gateway" and not resource.parity


def _units(resource: CostResource, unit: _Unit, application: bool, hours: Decimal) -> Decimal | None:
    """The dimension that needs most; GB are those of a month, which has so many hours."""
    said = resource.usage.number
    sizes = [("new_connections", unit.new), ("active_connections", unit.active), ("processed_bytes_gb", hours)]
    known = [quantity / size for name, size in sizes if (quantity := said(name)) is not None]
    rules = said("rule_evaluations")
    if application and unit.rules and rules is not None and known:
        known.append(rules / unit.rules)
    return max(known) if known else None


def _addresses(resource: CostResource) -> int:
    """One in each subnet, besides elastic ones, which are billed by themselves."""
    without = resource.text("ip_address_type") == "dualstack-without-public-ipv4"
    if without or resource.flag("internal") or resource.text("load_balancer_type") == "gateway":
        return 0
    mapped = resource.blocks("subnet_mapping")
    if mapped:
        return sum(not one.has("allocation_id") for one in mapped)
    return max(subnets_of(resource, "subnets"), 1)


class ClassicLoadBalancer(Builder):
    """A load balancer of the first generation."""

    types = ("aws_elb",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its hours, the data that goes through, and its public addresses where it faces the internet."""
        older = PriceKey("AWSELB", _CLASSIC, "classic-load-balancer")
        hours = hourly("Classic load balancer", PriceKey("AWSELB", _CLASSIC, "hours"), fallback=older)
        data = resource.usage.number("monthly_data_processed_gb")
        lines = (hours, used("Data processed", "GB", PriceKey("AWSELB", _CLASSIC, "bytes"), data))
        if resource.parity or resource.flag("internal"):
            return Bill(lines)
        zones = resource.count("availability_zones") if resource.values.get("availability_zones") else 0
        return Bill((*lines, public_addresses(max(subnets_of(resource, "subnets"), zones, 1))))
