"""Amazon Managed Service for Apache Flink, and what Kinesis Data Analytics was: processing units by the hour."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import HOURS_A_MONTH, ONE, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_STORAGE_OF_A_UNIT = Decimal(50)


def _price(key: str) -> PriceKey:
    return PriceKey("AmazonKinesisAnalytics", "Kinesis Analytics", key)


def _units(name: str, count: Decimal | None, *, usage_based: bool) -> Component:
    price = _price("kpu-hours")
    return Component(name, "KPU", price, hourly=count, multiplier=HOURS_A_MONTH, usage_based=usage_based)


def _backup(resource: CostResource) -> Component:
    size = resource.usage.number("durable_application_backup_gb")
    return used("Backup", "GB", _price("durable-backup"), size)


class Application(Builder):
    """An application of SQL."""

    types = ("aws_kinesis_analytics_application",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its processing units."""
        units = resource.usage.number("kinesis_processing_units")
        return Bill((_units("Processing (stream)", units, usage_based=True),))


class ApplicationV2(Builder):
    """An application of SQL or Flink."""

    types = ("aws_kinesisanalyticsv2_application",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its processing units; of Flink one more that orchestrates, storage for each unit, and backups."""
        units, backup = resource.usage.number("kinesis_processing_units"), _backup(resource)
        lines = [_units("Processing (stream)", units, usage_based=True)]
        if (resource.text("runtime_environment") or "").lower().startswith("flink"):
            size = None if units is None else units * _STORAGE_OF_A_UNIT
            lines += [
                _units("Processing (orchestration)", ONE, usage_based=False),
                used("Running storage", "GB", _price("running-storage"), size),
                backup,
            ]
        return Bill(tuple(lines))


class Snapshot(Builder):
    """A snapshot of an application."""

    types = ("aws_kinesisanalyticsv2_application_snapshot",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its size."""
        return Bill((_backup(resource),))
