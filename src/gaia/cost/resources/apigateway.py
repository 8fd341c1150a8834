"""Amazon API Gateway: requests and messages by the million, caches by the hour."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import hourly, used
from gaia.cost.model import FREE, ZERO, Bill, Builder, PriceKey
from gaia.cost.tiers import Tier, tiered

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_MILLION = Decimal(10**6)
_REQUEST_KB, _MESSAGE_KB = Decimal(512), Decimal(32)
"""What counts as one request of an HTTP API, and as one message."""


def _calls(key: str) -> PriceKey:
    return PriceKey("AmazonApiGateway", "API Calls", key)


def _socket(key: str) -> PriceKey:
    return PriceKey("AmazonApiGateway", "WebSocket", key)


_REST = (
    Tier("first 333M", 333 * _MILLION, _calls("rest-first-333M")),
    Tier("next 667M", 667 * _MILLION, _calls("rest-next-667M")),
    Tier("next 19B", 19_000 * _MILLION, _calls("rest-next-19B")),
    Tier("over 20B", None, _calls("rest-over-20B")),
)
_HTTP = (
    Tier("first 300M", 300 * _MILLION, _calls("http-first-300M")),
    Tier("over 300M", None, _calls("http-over-300M")),
)
_MESSAGES = (
    Tier("first 1B", 1000 * _MILLION, _socket("messages-first-1B")),
    Tier("over 1B", None, _socket("messages-over-1B")),
)


class Rest(Builder):
    """A REST API."""

    types = ("aws_api_gateway_rest_api",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its requests."""
        requests = resource.usage.number("monthly_requests")
        return Bill(tiered("Requests", "1M requests", _REST, requests, multiplier=_MILLION))


class Stage(Builder):
    """A stage of a REST API: its cache, if it has one."""

    types = ("aws_api_gateway_stage",)

    def bill(self, resource: CostResource) -> Bill:
        """Hours of the cache."""
        if not resource.flag("cache_cluster_enabled"):
            return FREE
        size = f"{(resource.number('cache_cluster_size') or ZERO).normalize():f}"
        key = PriceKey("AmazonApiGateway", "Amazon API Gateway Cache", size)
        return Bill((hourly(f"Cache memory ({size} GB)", key),))


class Second(Builder):
    """An API of the second generation: HTTP or WebSocket."""

    types = ("aws_apigatewayv2_api",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Requests, or messages and how long connections last; what is large counts several times."""
        if (resource.text("protocol_type") or "").casefold() == "websocket":
            messages = _counted(resource, "monthly_messages", "message_size_kb", _MESSAGE_KB)
            minutes = resource.usage.number("monthly_connection_mins")
            duration = used("Connection duration", "1M minutes", _socket("minutes"), minutes, multiplier=_MILLION)
            return Bill((*tiered("Messages", "1M messages", _MESSAGES, messages, multiplier=_MILLION), duration))
        requests = _counted(resource, "monthly_requests", "request_size_kb", _REQUEST_KB)
        return Bill(tiered("Requests", "1M requests", _HTTP, requests, multiplier=_MILLION))


def _counted(resource: CostResource, name: str, size: str, unit: Decimal) -> Decimal | None:
    quantity, kilobytes = resource.usage.number(name), resource.usage.number(size)
    if quantity is None or not kilobytes:
        return quantity
    return quantity * (kilobytes / unit).to_integral_value(ROUND_CEILING)
