"""Amazon DynamoDB: capacity that is provisioned or paid by the request, storage, backups, replicas in other regions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import HOURS_A_MONTH, Bill, Builder, Component, PriceKey
from gaia.cost.resources.appautoscaling import scaled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from gaia.cost.block import Block
    from gaia.cost.model import CostResource

_SERVICE = "AmazonDynamoDB"
_REQUESTS = "Amazon DynamoDB PayPerRequest Throughput"
_PROVISIONED = "Provisioned IOPS"
_UNITS = (("Write", "WCU"), ("Read", "RCU"))
BACKUP = PriceKey(_SERVICE, "Amazon DynamoDB On-Demand Backup Storage", "backup")
RESTORE = PriceKey(_SERVICE, "Amazon DynamoDB Restore Data Size", "restore")


class Table(Builder):
    """A table with its indices and replicas. What is free in the first months or GB of an account is not taken off."""

    types = ("aws_dynamodb_table",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Throughput, storage, backups, restores and streams; that of each index (ours), and writes of each replica."""
        by_request = resource.text("billing_mode") == "PAY_PER_REQUEST"
        throughput = _by_request(resource) if by_request else _provisioned(resource)
        indices = () if by_request or resource.parity else resource.blocks("global_secondary_index")
        replicas = tuple(
            (f"Global table ({region})", Bill((_replicated(resource, region, by_request=by_request),)))
            for replica in resource.blocks("replica")
            if (region := replica.text("region_name"))
        )
        return Bill((*throughput, *_kept(resource)), (*(_index(resource, one) for one in indices), *replicas))


def _price(resource: CostResource, family: str, key: str) -> PriceKey:
    """Of the class of the table: what is read rarely is dearer to read and cheaper to keep (ours)."""
    rare = resource.text("table_class") == "STANDARD_INFREQUENT_ACCESS" and not resource.parity
    return PriceKey(_SERVICE, family, f"ia-{key}" if rare else key)


def _capacity(resource: CostResource, of: Block, word: str, unit: str, scales: Decimal | None) -> Component:
    return Component(
        f"{word} capacity unit ({unit}{'' if scales is None else ', autoscaling'})",
        unit,
        _price(resource, _PROVISIONED, unit),
        hourly=of.number(f"{word.lower()}_capacity") if scales is None else scales,
        multiplier=HOURS_A_MONTH,
        usage_based=scales is not None,
    )


def _provisioned(resource: CostResource) -> Iterator[Component]:
    for word, unit in _UNITS:
        scales = scaled(resource, f"dynamodb:table:{word}CapacityUnits")
        yield _capacity(resource, resource, word, unit, scales)


def _index(resource: CostResource, index: Block) -> tuple[str, Bill]:
    """An index is written and read as a table of its own."""
    lines = tuple(_capacity(resource, index, word, unit, None) for word, unit in _UNITS)
    return f"Index ({index.text('name') or ''})", Bill(lines)


def _by_request(resource: CostResource) -> Iterator[Component]:
    for word, unit in (("Write", "WRU"), ("Read", "RRU")):
        units = resource.usage.number(f"monthly_{word.lower()}_request_units")
        yield used(f"{word} request unit ({unit})", f"{unit}s", _price(resource, _REQUESTS, unit), units)


def _kept(resource: CostResource) -> Iterator[Component]:
    family, usage = "Database Storage", resource.usage
    yield used("Data storage", "GB", _price(resource, family, "storage-over-25GB"), usage.number("storage_gb"))
    if resource.block("point_in_time_recovery").flag("enabled"):
        name = "Point-In-Time Recovery (PITR) backup storage"
        yield used(name, "GB", PriceKey(_SERVICE, family, "pitr"), usage.number("pitr_backup_storage_gb"))
    yield used("On-demand backup storage", "GB", BACKUP, usage.number("on_demand_backup_storage_gb"))
    yield used("Table data restored", "GB", RESTORE, usage.number("monthly_data_restored_gb"))
    streams = PriceKey(_SERVICE, "API Request", "streams")
    reads = usage.number("monthly_streams_read_request_units")
    yield used("Streams read request unit (sRRU)", "sRRUs", streams, reads)


def _replicated(resource: CostResource, region: str, *, by_request: bool) -> Component:
    """Writes of a replica. Units are shown as if they were hourly, also requests: so does Infracost."""
    unit = "rWRU" if by_request else "rWCU"
    return Component(
        f"Replicated write {'request' if by_request else 'capacity'} unit ({unit})",
        unit,
        PriceKey(_SERVICE, _REQUESTS if by_request else "DDB-Operation-ReplicatedWrite", unit),
        monthly=resource.usage.number("monthly_write_request_units") if by_request else None,
        hourly=None if by_request else resource.number("write_capacity"),
        multiplier=HOURS_A_MONTH,
        usage_based=by_request,
        region=region,
    )
