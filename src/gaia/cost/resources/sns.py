"""Amazon SNS: requests, and deliveries by the kind of who is notified; ordered topics by the message and its size."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ONE, ZERO, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.model import CostResource

_SERVICE, _REQUESTS, _DELIVERY = "AmazonSNS", "API Request", "Message Delivery"
_MILLION = Decimal(1_000_000)
_CHUNK_KB, _KB_IN_GB = Decimal(64), Decimal(1_000_000)
_SMS_REGIONS = ("us-east-1", "me-south-1", "eu-west-3")
"""Those that list a price for text messages."""


@dataclass(frozen=True, slots=True)
class _Delivery:
    """A kind of delivery: name and unit, how many are free, keys of price and usage file, protocols of subscribers."""

    name: str
    per: int
    free: int
    price: str
    usage: str
    protocols: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        return {100: "100", 100_000: "100k"}.get(self.per, "1M") + " notifications"


_DELIVERIES = (
    _Delivery(
        "HTTP/HTTPS notifications (over 100k)", 100_000, 100_000, "http", "http_subscriptions", ("http", "https")
    ),
    _Delivery(
        "Email/Email-JSON notifications (over 1k)",
        100_000,
        1_000,
        "email",
        "email_subscriptions",
        ("email", "email-json"),
    ),
    _Delivery("Kinesis Firehose notifications", 1_000_000, 0, "firehose", "kinesis_subscriptions", ("firehose",)),
    _Delivery("Mobile Push notifications", 1_000_000, 0, "mobile-push", "mobile_push_subscriptions", ("application",)),
    _Delivery("MacOS notifications", 1_000_000, 0, "macos", "macos_subscriptions"),
    _Delivery("SMS notifications (over 100)", 100, 100, "sms", "sms_subscriptions", ("sms",)),
)


class Topic(Builder):
    """A topic. Messages to queues and functions of AWS cost nothing."""

    types = ("aws_sns_topic",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Requests and deliveries."""
        return Bill(tuple(_ordered(resource) if resource.flag("fifo_topic") else _standard(resource)))


def _chunks(resource: CostResource) -> Decimal | None:
    """Requests, where each 64 KB count as one."""
    requests, size = (resource.usage.number(name) for name in ("monthly_requests", "request_size_kb"))
    if requests is None or size is None:
        return requests
    return requests * (size / _CHUNK_KB).to_integral_value(ROUND_CEILING)


def _standard(resource: CostResource) -> Iterator[Component]:
    requests = _chunks(resource)
    over = None if requests is None else max(requests - _MILLION, ZERO)
    yield used("API requests (over 1M)", "1M requests", PriceKey(_SERVICE, _REQUESTS, "api-over-1M"), over, _MILLION)
    subscriptions = resource.referring("aws_sns_topic_subscription", "topic_arn")
    protocols = {subscription.text("protocol") for subscription in subscriptions}
    for one in _DELIVERIES:
        subscribers = resource.usage.number(one.usage)
        if subscribers is None and not resource.parity and not protocols & set(one.protocols):
            continue  # nobody is notified this way; Infracost shows every way
        sent = _product(requests, subscribers)
        # Text messages have a price in few regions; Infracost takes that of the first.
        elsewhere = resource.parity and one.price == "sms" and resource.region not in _SMS_REGIONS
        yield Component(
            one.name,
            one.unit,
            PriceKey(_SERVICE, _DELIVERY, one.price),
            monthly=None if sent is None else max(sent - one.free, ZERO),
            multiplier=Decimal(one.per),
            usage_based=True,
            region=_SMS_REGIONS[0] if elsewhere else "",
            said=resource.usage.number("sms_notification_price") if one.price == "sms" else None,
        )


def _product(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """None where either is unknown, but nothing at all where the other is."""
    if one is None or other is None:
        return ZERO if ZERO in (one, other) else None
    return one * other


def _ordered(resource: CostResource) -> Iterator[Component]:
    requests, size = (resource.usage.number(name) for name in ("monthly_requests", "request_size_kb"))
    subscriptions = Decimal(len(resource.referring("aws_sns_topic_subscription", "topic_arn")))
    payload = None if requests is None or size is None else requests * size / _KB_IN_GB
    sent, delivered = _product(requests, subscriptions), _product(payload, subscriptions)
    for name, unit, family, key, quantity in (
        ("FIFO Publish API requests", "1M requests", _REQUESTS, "fifo-publish", requests),
        ("FIFO Publish API payload", "GB", _REQUESTS, "fifo-publish-payload", payload),
        ("FIFO notifications", "1M notifications", _DELIVERY, "fifo-delivery", sent),
        ("FIFO notification payload", "GB", _DELIVERY, "fifo-delivery-payload", delivered),
    ):
        yield used(name, unit, PriceKey(_SERVICE, family, key), quantity, ONE if unit == "GB" else _MILLION)


class Subscription(Builder):
    """A subscription; usage belongs to the topic nowadays, that of one over HTTP is still read here."""

    types = ("aws_sns_topic_subscription",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Deliveries over HTTP; others are free or billed with the topic."""
        if resource.text("protocol") not in ("http", "https"):
            return Bill(free=True)
        price = PriceKey(_SERVICE, _DELIVERY, "http")
        return Bill((used("HTTP notifications", "1M notifications", price, _chunks(resource), _MILLION),))
