"""Amazon CloudFront: by where its viewers are, which the usage file alone says. Its prices are of no region."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ONE, ZERO, Bill, Builder, Component, PriceKey
from gaia.cost.tiers import Tier, tiered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.model import CostResource

_GLOBAL = "global"
_VIEWERS = {
    "us": ("US, Mexico, Canada", "us-mexico-canada"),
    "europe": ("Europe, Israel", "europe-israel"),
    "south_africa": ("South Africa, Kenya, Middle East", "south-africa-kenya-middle-east"),
    "south_america": ("South America", "south-america"),
    "japan": ("Japan", "japan"),
    "australia": ("Australia, New Zealand", "australia-new-zealand"),
    "asia_pacific": ("Hong Kong, Philippines, Asia Pacific", "hong-kong-philippines-asia-pacific"),
    "india": ("India", "india"),
}
"""Where viewers are: by key of the usage file, the shown name and how keys of prices begin."""
_OUT = "monthly_data_transfer_to_internet_gb"
_ORIGIN = "monthly_data_transfer_to_origin_gb"
_HTTP, _HTTPS = "monthly_http_requests", "monthly_https_requests"
_TIERS = (
    ("first 10TB", Decimal(10_240)),
    ("next 40TB", Decimal(40_960)),
    ("next 100TB", Decimal(102_400)),
    ("next 350TB", Decimal(358_400)),
    ("next 524TB", Decimal(536_576)),
    ("next 4PB", Decimal(4_194_304)),
    ("over 5PB", None),
)
_TEN_THOUSAND, _MILLION = Decimal(10_000), Decimal(10**6)
_FREE_PATHS = Decimal(1000)
_SHIELDS = {
    "us": ("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "us-gov-west-1", "us-gov-east-1"),
    "europe": (
        "eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-south-1", "eu-north-1", "af-south-1",
    ),
    "south_america": ("sa-east-1",),
    "japan": ("ap-northeast-1",),
    "australia": ("ap-southeast-2", "ap-southeast-6"),
    "singapore": ("ap-southeast-1", "ap-east-1"),
    "south_korea": ("ap-northeast-2",),
    "india": ("ap-south-1", "me-south-1"),
    "middle_east": ("me-central-1",),
}  # fmt: skip
"""Regions that have an origin shield, by key of the usage file."""
_PLACES = (
    ("us-gov-", "AWS GovCloud"),
    ("us-east-", "US East"),
    ("us-west-", "US West"),
    ("ca-", "Canada"),
    ("eu-", "EU"),
    ("ap-", "Asia Pacific"),
    ("sa-", "South America"),
    ("me-", "Middle East"),
    ("af-", "Africa"),
)


class Distribution(Builder):
    """A distribution: groups of lines for each place with usage, else for the United States alone."""

    types = ("aws_cloudfront_distribution",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """What is billed once, and what is billed by place."""
        places = [place for place in _VIEWERS if _has_viewers(resource, place)]
        lines = (*_extras(resource), *_shield(resource), *_invalidations(resource))
        groups = tuple((_VIEWERS[place][0], Bill(tuple(_place(resource, place)))) for place in places or ["us"])
        return Bill(lines, groups)


def _has_viewers(resource: CostResource, place: str) -> bool:
    said = [resource.usage.number(group, place) for group in (_OUT, _ORIGIN, _HTTP, _HTTPS)]
    return any(quantity is not None for quantity in said)


def _place(resource: CostResource, place: str) -> Iterator[Component]:
    number, prefix = resource.usage.number, _VIEWERS[place][1]
    out = f"{prefix}-data-transfer-out-to-internet"
    tiers = tuple(Tier(label, size, _data(f"{out}-{_slug(label)}")) for label, size in _TIERS)
    yield from tiered("Data transfer out to internet", "GB", tiers, number(_OUT, place), region=_GLOBAL)
    origin = _data(f"{prefix}-data-transfer-out-to-origin")
    yield _anywhere(used("Data transfer out to origin", "GB", origin, number(_ORIGIN, place)))
    for name, usage in (("HTTP", _HTTP), ("HTTPS", _HTTPS)):
        key, quantity = _request(f"{prefix}-{name.casefold()}-requests"), number(usage, place)
        yield _anywhere(used(f"{name} requests", "10k requests", key, quantity, multiplier=_TEN_THOUSAND))


def _extras(resource: CostResource) -> Iterator[Component]:
    number, behavior = resource.usage.number, resource.block("default_cache_behavior")
    if behavior.has("field_level_encryption_id"):
        key, quantity = _request("field-level-encryption-requests"), number("monthly_encryption_requests")
        name = "Field level encryption requests"
        yield _anywhere(used(name, "10k requests", key, quantity, multiplier=_TEN_THOUSAND))
    # For Infracost it is the standard log, which costs nothing, that makes the line of the real-time log.
    logged = (
        resource.block("logging_config").has("bucket") if resource.parity else behavior.has("realtime_log_config_arn")
    )
    if logged:
        key, quantity = _request("real-time-logs"), number("monthly_log_lines")
        yield _anywhere(used("Real-time log requests", "1M lines", key, quantity, multiplier=_MILLION))
    if resource.block("viewer_certificate").text("ssl_support_method") == "vip":
        count = number("custom_ssl_certificates")
        key = PriceKey("AmazonCloudFront", "SSL", "dedicated-ip")
        yield _anywhere(used("Dedicated IP custom SSLs", "certificates", key, ONE if count is None else count))


def _shield(resource: CostResource) -> Iterator[Component]:
    shield = resource.block("origin").block("origin_shield")
    if not shield.flag("enabled"):
        return
    region = shield.text("origin_shield_region") or resource.region
    place = next((place for place, regions in _SHIELDS.items() if region in regions), None)
    named = next((name for prefix, name in _PLACES if region.startswith(prefix)), "")
    quantity = resource.usage.number("monthly_shield_requests", place) if place else None
    name = f"Origin shield HTTP requests ({named} {region})"
    key = _request(f"origin-shield-{place or region}")
    yield _anywhere(used(name, "10k requests", key, quantity, multiplier=_TEN_THOUSAND))


def _invalidations(resource: CostResource) -> Iterator[Component]:
    paths = resource.usage.number("monthly_invalidation_requests")
    free = None if paths is None else min(paths, _FREE_PATHS)
    first = used("Invalidation requests (first 1k)", "paths", _request("invalidations-first-1k"), free)
    # They are free: the line is shown where the book says so.
    yield _anywhere(replace(first, optional=True))
    if paths is not None and paths >= _FREE_PATHS:
        key = _request("invalidations-over-1k")
        yield _anywhere(used("Invalidation requests (over 1k)", "paths", key, max(paths - _FREE_PATHS, ZERO)))


class Function(Builder):
    """A function at the edge, at the price beyond the first two million calls, which are free."""

    types = ("aws_cloudfront_function",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its calls."""
        key, quantity = _request("functions-over-2M"), resource.usage.number("monthly_requests")
        line = used("Total number of invocations", "1M invocations", key, quantity, multiplier=_MILLION)
        return Bill((_anywhere(line),))


def _anywhere(line: Component) -> Component:
    return replace(line, region=_GLOBAL)


def _slug(label: str) -> str:
    return label.replace(" ", "-").casefold()


def _data(key: str) -> PriceKey:
    return PriceKey("AmazonCloudFront", "Data Transfer", key)


def _request(key: str) -> PriceKey:
    return PriceKey("AmazonCloudFront", "Request", key)
