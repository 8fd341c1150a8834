"""AWS Lambda: requests, and memory over time. The free tier is of an account, and left out."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ONE, ZERO, Bill, Builder, Component, PriceKey
from gaia.cost.tiers import Tier, tiered

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_KIBI, _MILLION = Decimal(1024), Decimal(10**6)
_INCLUDED_STORAGE = Decimal(512)
_BILLION = Decimal(10**9)


def _key(key: str) -> PriceKey:
    return PriceKey("AWSLambda", "Serverless", key)


_TIERS = {
    "x86_64": (
        Tier("first 6B", 6 * _BILLION, _key("duration-x86-tier1")),
        Tier("next 9B", 9 * _BILLION, _key("duration-x86-tier2")),
        Tier("over 15B", None, _key("duration-x86-tier3")),
    ),
    "arm64": (
        Tier("first 7.5B", Decimal("7.5") * _BILLION, _key("duration-arm64")),
        Tier("next 11.25B", Decimal("11.25") * _BILLION, _key("duration-arm64-tier2")),
        Tier("over 18.75B", None, _key("duration-arm64-tier3")),
    ),
}


class Function(Builder):
    """A function that is billed by what it is called for."""

    types = ("aws_lambda_function",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Requests, storage over 512 MB and duration, both by the GB-second."""
        requests = resource.usage.number("monthly_requests")
        memory = resource.number("memory_size") or Decimal(128)
        seconds = _gb_seconds(resource, memory, requests)
        disk = resource.block("ephemeral_storage").number("size") or _INCLUDED_STORAGE
        storage = None if seconds is None else max(disk - _INCLUDED_STORAGE, ZERO) / _KIBI * seconds
        tiers = _TIERS["arm64" if "arm64" in resource.texts("architectures") else "x86_64"]
        return Bill(
            (
                _requests(requests),
                used("Ephemeral storage", "GB-seconds", _key("ephemeral-storage"), storage),
                *tiered("Duration", "GB-seconds", tiers, seconds),
            )
        )


class ProvisionedConcurrency(Builder):
    """Environments of a function that are kept ready."""

    types = ("aws_lambda_provisioned_concurrency_config",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Requests, and memory that is kept and that is used."""
        said = resource.usage.number
        function = next(iter(resource.refers("function_name", "aws_lambda_function")), None)
        memory = said("memory_mb") or (None if resource.parity or not function else function.number("memory_size"))
        memory = memory or Decimal(512)
        arm = resource.usage.text("architecture") == "arm64" or (
            not resource.parity and function is not None and "arm64" in function.texts("architectures")
        )
        # Infracost takes what nobody has said for nothing.
        unsaid = ZERO if resource.parity else None
        hours, requests = said("monthly_duration_hrs"), said("monthly_requests")
        requests = unsaid if requests is None else requests
        hours = unsaid if hours is None else hours
        count = resource.number("provisioned_concurrent_executions") or ZERO
        kept = None if hours is None else count * memory / _KIBI * hours * 3600
        suffix = "-arm64" if arm else ""
        return Bill(
            (
                _requests(requests),
                used("Provisioned Concurrency", "GB-seconds", _key(f"provisioned-concurrency{suffix}"), kept),
                used(
                    "Duration",
                    "GB-seconds",
                    _key(f"duration-provisioned{suffix}"),
                    _gb_seconds(resource, memory, requests),
                ),
            )
        )


def _requests(quantity: Decimal | None) -> Component:
    return used("Requests", "1M requests", _key("requests"), quantity, multiplier=_MILLION)


def _gb_seconds(resource: CostResource, memory: Decimal, requests: Decimal | None) -> Decimal | None:
    """Memory in MB times duration; a request that nobody has timed takes a millisecond."""
    duration = resource.usage.number("request_duration_ms")
    if requests is None:
        return None
    milliseconds = (ONE if duration is None else duration).to_integral_value(ROUND_CEILING)
    return requests * memory / _KIBI * milliseconds / 1000
