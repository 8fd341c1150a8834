"""Amazon Kinesis and Data Firehose: streams by the hour or the shard, and the data that goes through them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ONE, Bill, Builder, Component, PriceKey
from gaia.cost.tiers import Tier, tiered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.model import CostResource

_STREAMS, _FIREHOSE = "AmazonKinesis", "AmazonKinesisFirehose"
_EXTENDED, _LONG, _FAN_OUT = (
    "Extended retention (24H to 7D)",
    "Long term retention (7D+)",
    "Enhanced Fan Out (EFO) Data retrieval",
)
_ON_DEMAND = (
    ("Data ingested", "GB", "data-in", "data_in_gb"),
    ("Data retrieval", "GB", "data-out", "data_out_gb"),
    (_FAN_OUT, "GB", "efo-data-out", "efo_data_out_gb"),
    (_EXTENDED, "GB", "extended-retention", "extended_retention_gb"),
    (_LONG, "GB", "long-term-retention", "long_term_retention_gb"),
)
_PROVISIONED = (
    ("Put request unit", "units", "put-units", "put_units"),
    (_EXTENDED, "GB", "extended-retention", "extended_retention_gb"),
    (_LONG, "GB", "long-term-retention", "long_term_retention_gb"),
    ("Extended retention retrieval (7D+)", "GB", "long-term-retrieval", "long_term_retrieval_gb"),
    (_FAN_OUT, "GB", "efo-data-out", "efo_data_out_gb"),
    ("Enhanced Fan Out (EFO)", "consumer-shard hour", "efo-consumer-hours", "efo_consumer_hours"),
)


def _price(key: str) -> PriceKey:
    return PriceKey(_STREAMS, "Kinesis Streams", key)


class Stream(Builder):
    """A stream of shards, or one that scales by itself."""

    types = ("aws_kinesis_stream",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The stream or its shards, and the data."""
        mode = resource.block("stream_mode_details").text("stream_mode") or "PROVISIONED"
        scales = mode == "ON_DEMAND"
        prefix, lines = ("on-demand", _ON_DEMAND) if scales else ("provisioned", _PROVISIONED)
        count = ONE if scales else resource.number("shard_count")
        stream = Component(mode, "hours", _price(f"{prefix}-{'stream' if scales else 'shard'}-hours"), hourly=count)
        word = prefix.replace("-", "_")
        return Bill(
            (
                stream,
                *(
                    used(name, unit, _price(f"{prefix}-{key}"), resource.usage.number(f"monthly_{word}_{usage}"))
                    for name, unit, key, usage in lines
                ),
            )
        )


def _firehose(key: str) -> PriceKey:
    return PriceKey(_FIREHOSE, "Kinesis Firehose", key)


_TIERS = (
    Tier("first 500TB", Decimal(512_000), _firehose("ingested-first-500TB")),
    Tier("next 1.5PB", Decimal(1_536_000), _firehose("ingested-next-1.5PB")),
    Tier("next 3PB", None, _firehose("ingested-next-3PB")),
)
_SEARCHES = ("elasticsearch_configuration", "opensearch_configuration")


class Firehose(Builder):
    """A delivery stream."""

    types = ("aws_kinesis_firehose_delivery_stream",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Data that comes in, its conversion, and its way into a network."""
        return Bill(tuple(_delivered(resource)))


def _delivered(resource: CostResource) -> Iterator[Component]:
    ingested = resource.usage.number("monthly_data_ingested_gb")
    yield from tiered("Data ingested", "GB", _TIERS, ingested)
    target = resource.block("extended_s3_configuration")
    conversions = target.blocks("data_format_conversion_configuration")
    if any(one.values.get("enabled") is not False for one in conversions):
        yield used("Format conversion", "GB", _firehose("format-conversion"), ingested)
    for name in _SEARCHES[:1] if resource.parity else _SEARCHES:
        for network in resource.block(name).blocks("vpc_config"):
            subnets = network.count("subnet_ids") or len(resource.refers(f"{name}.vpc_config.subnet_ids", "aws_subnet"))
            yield used("VPC data", "GB", _firehose("vpc-data"), ingested)
            yield Component("VPC AZ delivery", "hours", _firehose("vpc-az-hours"), hourly=Decimal(subnets))
