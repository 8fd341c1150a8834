"""Amazon Managed Workflows for Apache Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.lines import hourly, used
from gaia.cost.model import Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from decimal import Decimal

    from gaia.cost.model import CostResource


class Environment(Builder):
    """An environment of a size, with one worker and one scheduler; more of them depend on usage."""

    types = ("aws_mwaa_environment",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Hours of the environment and of further machines, and storage."""
        size = (resource.text("environment_class") or "mw1.small").casefold().replace("mw1.", "").capitalize()
        said = resource.usage.number
        return Bill(
            (
                hourly(f"Environment ({size})", _key(f"environment-{size.casefold()}")),
                _machines("Worker", size, said("additional_workers")),
                _machines("Scheduler", size, said("additional_schedulers")),
                used("Meta database", "GB", _key("database-storage"), said("meta_database_gb")),
            )
        )


def _machines(name: str, size: str, count: Decimal | None) -> Component:
    return Component(f"{name} ({size})", "hours", _key(f"{name}-{size}".casefold()), hourly=count)


def _key(key: str) -> PriceKey:
    return PriceKey("AmazonMWAA", "Managed Workflows", key)
