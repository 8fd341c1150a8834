"""What databases of AWS cost besides: processor time of burstable ones, insights into queries, and extended support.

A major version is in extended support from a day on, when its standard support has ended.

Dates: the release calendars of Amazon RDS and Aurora, as Infracost 95ba4f49a has them. Versions that are not here are
in standard support, or older than extended support.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ONE, ZERO, Component, PriceKey
from gaia.cost.shapes import vcpus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.cost.model import CostResource


@dataclass(frozen=True, slots=True)
class _Version:
    """When the first two years begin, and the third, which is dearer (None: the price stays)."""

    first: date
    third: date | None
    engine: str
    """Of the price: versions 13 to 15, and MySQL 8.0, are listed for any engine."""


def _version(year: int, month: int, third: tuple[int, int] | None, engine: str) -> _Version:
    return _Version(date(year, month, 1), date(*third, 1) if third else None, engine)


_POSTGRES = {
    "11": _version(2024, 4, (2026, 4), "PostgreSQL"),
    "12": _version(2025, 3, (2027, 3), "PostgreSQL"),
    "13": _version(2026, 3, (2028, 3), "Any"),
    "14": _version(2027, 3, (2029, 3), "Any"),
    "15": _version(2028, 3, (2030, 3), "Any"),
}
_ENGINES: Mapping[str, Mapping[str, _Version]] = {
    "postgres": {**_POSTGRES, "16": _version(2029, 3, (2031, 3), "Any")},
    "aurora-postgresql": _POSTGRES,
    "mysql": {
        "5.7": _version(2024, 3, (2026, 3), "MySQL"),
        "8.0": _version(2026, 8, (2028, 8), "Any"),
    },
    "aurora-mysql": {
        "5.7": _version(2024, 12, None, "MySQL"),
        "8.0": _version(2027, 5, None, "Any"),
    },
}


def extended_support(engine: str, version: str | None, instance_class: str, today: date) -> tuple[Component, ...]:
    """The line for an instance of this version, none while it has standard support."""
    found = _ENGINES.get("aurora-mysql" if engine == "aurora" else engine, {})
    # `8.0.36`, `8.0.mysql_aurora.3.04.0` and `14.9` are versions of 8.0, 8.0 and 14; PostgreSQL 10 and later has no
    # second part. MySQL's `8` alone means 8.0.
    parts = (version or "").split(".")
    major = "8.0" if parts == ["8"] else next((key for key in (".".join(parts[:2]), parts[0]) if key in found), "")
    dates = found.get(major)
    if not dates or today <= dates.first:
        return ()
    late = dates.third is not None and today > dates.third
    key = PriceKey("AmazonRDS", "Extended Support", "Year 3" if late else "Year 1 Year 2")
    return (
        Component(
            f"Extended support (year {3 if late else 1})",
            "vCPU-hours",
            key.having(engine=dates.engine, version=major),
            hourly=vcpus(instance_class) or ONE,
        ),
    )


def burstable(instance_class: str) -> str | None:
    """The family of a class whose processor time beyond the baseline is billed: `db.t3`, `db.t4g`; None of others."""
    family = instance_class.rpartition(".")[0]
    return family if family in ("db.t3", "db.t4g") else None


_INSIGHTS = "Performance Insights"
_FREE_DAYS, _DAYS_OF_A_MONTH = 7, 31


def insights(
    resource: CostResource, mode: str | None, *, capacity: Decimal | None = None, zones: int = 1
) -> Iterator[Component]:
    """Insights into the queries of an instance: how long they are kept, and what is asked of them.

    In the advanced mode of Database Insights (ours) fifteen months are included in the price of an hour.
    """
    requests = resource.usage.number("monthly_additional_performance_insights_requests")
    if not resource.flag("performance_insights_enabled"):
        return
    instance_class, days = (
        resource.text("instance_class") or "",
        resource.number("performance_insights_retention_period"),
    )
    if mode == "advanced" and not resource.parity:
        yield _advanced(instance_class, capacity)
    elif days is not None and days > _FREE_DAYS:
        yield from _kept(instance_class, capacity, days, zones=zones, parity=resource.parity)
    if requests is None or requests > 0:
        price = PriceKey("AmazonRDS", _INSIGHTS, "api")
        yield used(f"{_INSIGHTS} API", "1000 requests", price, requests, Decimal(1000))


def _advanced(instance_class: str, capacity: Decimal | None) -> Component:
    serverless = instance_class.lower() == "db.serverless"
    unit, key = ("ACU-hours", "advanced-acu-hours") if serverless else ("vCPU-hours", "advanced-vcpu-hours")
    return Component(
        "Database Insights (advanced)",
        unit,
        PriceKey("AmazonCloudWatch", "Database Insights", key),
        hourly=capacity if serverless else vcpus(instance_class),
        usage_based=serverless,
    )


def _kept(
    instance_class: str, capacity: Decimal | None, days: Decimal, *, zones: int, parity: bool
) -> Iterator[Component]:
    """Retention beyond a week. AWS takes a price for the first month and a small one for each further month.

    Infracost has one price for all months by the family of the class, and does not count the standby in a second zone.
    """
    name = f"{_INSIGHTS} Long Term Retention"
    legacy = PriceKey("AmazonRDS", _INSIGHTS, "long-term")
    if instance_class.lower() == "db.serverless":
        price = legacy.having(family="serverless")
        quantity = ZERO if parity and capacity is None else capacity
        yield Component(f"{name} (serverless)", "ACUs", price, monthly=quantity, usage_based=True)
        return
    label, count = instance_class.lower(), vcpus(instance_class) or ZERO
    if parity:
        price = legacy.having(family=instance_class.removeprefix("db.").partition(".")[0])
        yield Component(f"{name} ({label})", "vCPU-month", price, monthly=count)
        return
    further = (days / _DAYS_OF_A_MONTH).to_integral_value(ROUND_CEILING) - ONE
    first = PriceKey("AmazonRDS", _INSIGHTS, "ProvisionedFMR")
    yield Component(f"{name} ({label})", "vCPU-month", first, monthly=count * zones)
    if further > 0:
        price = PriceKey("AmazonRDS", _INSIGHTS, "ProvisionedAMR")
        yield Component(f"{_INSIGHTS} further months ({label})", "vCPU-month", price, monthly=count * zones * further)
