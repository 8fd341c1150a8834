"""AWS Glue: the catalog by its size and requests, crawlers and jobs by the hour of a processing unit."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ONE, ZERO, Bill, Builder, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_UNITS = {"g.2x": 2, "g.4x": 4, "g.8x": 8}
"""Of a worker; others have one."""


def _price(key: str) -> PriceKey:
    return PriceKey("AWSGlue", "AWS Glue", key)


def _beyond(quantity: Decimal | None, free: Decimal) -> Decimal | None:
    """What is less than the free part costs nothing; Infracost counts all of what is more."""
    return ZERO if quantity is not None and quantity < free else quantity


class Database(Builder):
    """A database of the catalog."""

    types = ("aws_glue_catalog_database",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Objects and requests."""
        usage = resource.usage
        objects, requests = usage.number("monthly_objects"), usage.number("monthly_requests")
        thousands, million = Decimal(100_000), Decimal(1_000_000)
        return Bill(
            (
                used("Storage", "100k objects", _price("catalog-storage"), _beyond(objects, thousands), thousands),
                used("Requests", "1M requests", _price("catalog-requests"), _beyond(requests, million), million),
            )
        )


class Crawler(Builder):
    """A crawler."""

    types = ("aws_glue_crawler",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The hours that it runs."""
        return Bill((used("Duration", "hours", _price("crawler-hours"), resource.usage.number("monthly_hours")),))


class Job(Builder):
    """A job."""

    types = ("aws_glue_job",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The hours that it runs, on so many processing units."""
        hours, workers = resource.usage.number("monthly_hours"), resource.number("number_of_workers")
        kind, units = (resource.text("worker_type") or "").lower(), resource.number("max_capacity") or ONE
        if workers:
            of_one = _UNITS.get(kind, 1)
            units = workers * (min(of_one, 2) if resource.parity else of_one)
        count = f"{units:.4f}" if ZERO < units < 1 else f"{int(units)}"
        unit = f"hours ({count} {'DPU' if units == 1 else 'DPUs'})"
        quantity = None if hours is None else hours * units
        return Bill((used("Duration", unit, _price("job-dpu-hours"), quantity, units),))
