"""AWS CloudTrail: events by the hundred thousand. The first copy of management events is free."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.model import Bill, Builder, PriceKey, used

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.model import Component, CostResource

_FAMILY = "Management Tools - AWS CloudTrail"


class Trail(Builder):
    """A trail."""

    types = ("aws_cloudtrail",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Events of each kind that it records, or that the usage file tells of."""
        return Bill(tuple(_events(resource)))


def _events(resource: CostResource) -> Iterator[Component]:
    copies, data, insight = (
        resource.usage.number(f"monthly_{kind}_events") for kind in ("additional_management", "data", "insight")
    )
    if resource.values.get("include_global_service_events") is not False or copies is not None:
        yield _line("Management events (additional copies)", "Paid Events Recorded", "management-events", copies)
    yield _line("Data events", "Data Events Recorded", "data-events", data)
    if resource.has("insight_selector") or insight is not None:
        yield _line("Insight events", "Insights Events", "insight-events", insight)


def _line(name: str, family: str, key: str, quantity: Decimal | None) -> Component:
    price = PriceKey("AWSCloudTrail", f"{_FAMILY} {family}", key)
    return used(name, "100k events", price, quantity, Decimal(100_000))
