"""Amazon EventBridge: events that others publish, and archives of them. Rules, targets and schedules cost nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ONE, Bill, Builder, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_MILLION = Decimal(1_000_000)
_LINES = (
    ("Custom events published", "1M events", "EventBridge", "custom-events", "monthly_custom_events"),
    ("Third-party events published", "1M events", "EventBridge", "partner-events", "monthly_third_party_events"),
    ("Archive processing", "GB", "CloudWatch Events", "archive-processing", "monthly_archive_processing_gb"),
    ("Archive storage", "GB", "CloudWatch Events", "archive-storage", "archive_storage_gb"),
    ("Schema discovery", "1M events", "EventBridge", "schema-discovery", "monthly_schema_discovery_events"),
)


class EventBus(Builder):
    """A bus of its own."""

    types = ("aws_cloudwatch_event_bus",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """What is published, archived and discovered."""
        return Bill(
            tuple(
                used(
                    name,
                    unit,
                    PriceKey("AWSEvents", family, key),
                    resource.usage.number(usage),
                    ONE if unit == "GB" else _MILLION,
                )
                for name, unit, family, key, usage in _LINES
            )
        )
