"""Amazon Route 53, which is billed alike in every region, but for resolver endpoints."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import hourly
from gaia.cost.model import FREE, ONE, Bill, Builder, Component, PriceKey
from gaia.cost.tiers import Tier, tiered

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_GLOBAL = "global"
_BILLION, _MILLION = Decimal(10**9), Decimal(10**6)


class Zone(Builder):
    """A hosted zone, at the price of the first 25 of an account."""

    types = ("aws_route53_zone",)

    def bill(self, resource: CostResource) -> Bill:  # noqa: ARG002 - all cost the same
        """Its month."""
        key = PriceKey("AmazonRoute53", "DNS Zone", "hosted-zone-first-25")
        return Bill((Component("Hosted zone", "months", key, ONE, region=_GLOBAL),))


class Record(Builder):
    """A record: queries are billed, unless it is an alias of something in AWS."""

    types = ("aws_route53_record",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Queries of each kind."""
        named = resource.refers("alias[0].name")
        to_record = bool(named) and named[0].type == "aws_route53_record"
        # Infracost takes an alias of what is not in the plan for a record of its own.
        if (named or (resource.has("alias") and not resource.parity)) and not to_record:
            return FREE
        return Bill(
            (
                *_queries(resource, "Standard queries", "standard", "monthly_standard_queries"),
                *_queries(resource, "Latency based routing queries", "latency", "monthly_latency_based_queries"),
                *_queries(resource, "Geo DNS queries", "geo", "monthly_geo_queries"),
            )
        )


def _queries(resource: CostResource, name: str, key: str, usage: str) -> tuple[Component, ...]:
    tiers = (
        Tier("first 1B", _BILLION, _query(f"{key}-first-1B")),
        Tier("over 1B", None, _query(f"{key}-over-1B")),
    )
    return tiered(name, "1M queries", tiers, resource.usage.number(usage), multiplier=_MILLION, region=_GLOBAL)


def _query(key: str) -> PriceKey:
    return PriceKey("AmazonRoute53", "DNS Query", key)


class HealthCheck(Builder):
    """A health check of something in AWS; what is elsewhere, and each further feature, costs more."""

    types = ("aws_route53_health_check",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its month, and each feature's."""
        place = (resource.usage.text("endpoint_type") or "aws").replace("_", "-").casefold()
        kind = resource.text("type") or ""
        features = (
            kind.startswith("HTTPS"),
            resource.text("request_interval") == "10",
            resource.flag("measure_latency"),
            kind.endswith("STR_MATCH"),
        )
        lines = [Component("Health check", "months", _check(place), ONE, region=_GLOBAL)]
        if any(features):
            key = _check(f"option-{place}")
            lines.append(Component("Optional features", "months", key, Decimal(sum(features)), region=_GLOBAL))
        return Bill(tuple(lines))


def _check(key: str) -> PriceKey:
    return PriceKey("AmazonRoute53", "DNS Health Check", key)


class ResolverEndpoint(Builder):
    """An endpoint of the resolver: a network interface for each address."""

    types = ("aws_route53_resolver_endpoint",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Hours of its interfaces, and queries."""
        interfaces = Decimal(resource.count("ip_address"))
        tiers = (
            Tier("first 1B", _BILLION, _query("resolver-first-1B")),
            Tier("over 1B", None, _query("resolver-over-1B")),
        )
        queries = tiered(
            "DNS queries", "1M queries", tiers, resource.usage.number("monthly_queries"), multiplier=_MILLION
        )
        return Bill((hourly("Resolver endpoints", _query("resolver-eni-hours"), interfaces), *queries))
