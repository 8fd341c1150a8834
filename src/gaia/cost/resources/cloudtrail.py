"""AWS CloudTrail: events by the hundred thousand. The first copy of management events is free."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import FREE, Bill, Builder, PriceKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.model import Component, CostResource

_FAMILY = "Management Tools - AWS CloudTrail"


class Trail(Builder):
    """A trail."""

    types = ("aws_cloudtrail",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Events of each kind that it records, or that the usage file tells of; nothing, where all are free."""
        lines = tuple(_events(resource))
        return Bill(lines) if lines else FREE


def _events(resource: CostResource) -> Iterator[Component]:
    copies, data, insight = (
        resource.usage.number(f"monthly_{kind}_events") for kind in ("additional_management", "data", "insight")
    )
    # Infracost shows every trail as if it were one more in its account and recorded what happens in buckets, too.
    shown = resource.parity and resource.values.get("include_global_service_events") is not False
    if shown or copies is not None:
        yield _line("Management events (additional copies)", "Paid Events Recorded", "management-events", copies)
    if resource.parity or data is not None or _records_data(resource):
        yield _line("Data events", "Data Events Recorded", "data-events", data)
    if resource.has("insight_selector") or insight is not None:
        yield _line("Insight events", "Insights Events", "insight-events", insight)


def _records_data(resource: CostResource) -> bool:
    """Whether it records what is done with data, in buckets or tables; or what network endpoints let through."""
    fields = (
        field for advanced in resource.blocks("advanced_event_selector") for field in advanced.blocks("field_selector")
    )
    categories = {word for field in fields if field.text("field") == "eventCategory" for word in field.texts("equals")}
    plain = any(selector.has("data_resource") for selector in resource.blocks("event_selector"))
    return plain or bool(categories - {"Management"})


def _line(name: str, family: str, key: str, quantity: Decimal | None) -> Component:
    price = PriceKey("AWSCloudTrail", f"{_FAMILY} {family}", key)
    return used(name, "100k events", price, quantity, Decimal(100_000))
