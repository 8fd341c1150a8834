"""Amazon Aurora, which RDS bills too: clusters with their storage, instances, capacity that scales by itself."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.databases import extended_support, insights
from gaia.cost.lines import used
from gaia.cost.model import HOURS_A_MONTH, ONE, Bill, Builder, Component, PriceKey
from gaia.cost.resources.rds import STANDBYS, bought, copies_of, credit_lines, instance_price

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.model import CostResource

_SERVICE = "AmazonRDS"
_MILLION, _SECONDS = Decimal(1_000_000), Decimal(3600)
_OPTIMIZED = "aurora-iopt1"


class Cluster(Builder):
    """A cluster of Aurora, or one of three instances of another engine (ours: Infracost takes it for Aurora)."""

    types = ("aws_rds_cluster",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Storage and what is done with it; the instances are resources of their own, but for those of three."""
        engine = (resource.text("engine") or "aurora").lower()
        if not resource.parity and not engine.startswith("aurora"):
            return Bill(tuple(_of_three(resource, engine)))
        return Bill(tuple(_aurora(resource, engine)))


def _aurora(resource: CostResource, engine: str) -> Iterator[Component]:
    serverless = resource.text("engine_mode") == "serverless"
    if serverless:
        price = PriceKey(_SERVICE, "Serverless", "aurora-v1")
        units = resource.usage.number("capacity_units_per_hr")
        yield Component("Aurora serverless", "ACU-hours", price, hourly=units, usage_based=True)
    optimized = resource.text("storage_type") == _OPTIMIZED
    yield used(
        "Storage (I/O-optimized)" if optimized else "Storage",
        "GB",
        PriceKey(_SERVICE, "Database Storage", "aurora-storage-io-optimized" if optimized else "aurora-storage"),
        resource.usage.number("storage_gb"),
    )
    if not optimized or resource.parity:
        # What is optimized for I/O includes it; Infracost shows the line all the same.
        price = PriceKey(_SERVICE, "System Operation", "aurora-io")
        yield used("I/O requests", "1M requests", price, _requests(resource), _MILLION)
    retention = resource.number("backup_retention_period") or ONE
    if retention > 1:
        size = resource.usage.number("backup_snapshot_size_gb")
        price = PriceKey(_SERVICE, "Storage Snapshot", "aurora-backup")
        yield used("Backup storage", "GB", price, None if size is None else size * (retention - 1))
    if not serverless and "postgresql" not in engine:
        yield _backtrack(resource)
    exported = resource.usage.number("snapshot_export_size_gb")
    yield used("Snapshot export", "GB", PriceKey(_SERVICE, "System Operation", "aurora-snapshot-export"), exported)


def _requests(resource: CostResource) -> Decimal | None:
    writes, reads = (resource.usage.number(f"{kind}_requests_per_sec") for kind in ("write", "read"))
    return None if writes is None or reads is None else (writes + reads) * HOURS_A_MONTH * _SECONDS


def _backtrack(resource: CostResource) -> Component:
    records = HOURS_A_MONTH
    for name in ("average_statements_per_hr", "change_records_per_statement", "backtrack_window_hrs"):
        number = resource.usage.number(name)
        records = Decimal("NaN") if number is None else records * number
    return Component(
        "Backtrack",
        "1M change-records",
        PriceKey(_SERVICE, "System Operation", "aurora-backtrack"),
        monthly=None if records.is_nan() else records,
        multiplier=_MILLION,
        usage_based=True,
        optional=True,
    )


def _of_three(resource: CostResource, engine: str) -> Iterator[Component]:
    """A writer and two standbys that can be read: prices and storage are those of all three."""
    instance_class = resource.text("db_cluster_instance_class") or ""
    name = f"Database instance ({{}}, {STANDBYS}, {instance_class})"
    yield bought(resource, name, instance_price(engine, STANDBYS, instance_class))
    kind = resource.text("storage_type") or "io1"
    label, key = {
        "gp3": ("general purpose SSD, gp3", "General Purpose-GP3"),
        "io2": ("provisioned IOPS SSD, io2", "Provisioned IOPS-IO2"),
    }.get(kind, ("provisioned IOPS SSD, io1", "Provisioned IOPS"))
    storage = PriceKey(_SERVICE, "Database Storage", key).having(deployment=STANDBYS)
    size = resource.number("allocated_storage")
    yield Component(f"Storage ({label})", "GB", storage, monthly=size, copies=copies_of(storage))
    if kind != "gp3":
        price = PriceKey(_SERVICE, "Provisioned IOPS", "IO2 IOPS" if kind == "io2" else "IOPS")
        yield Component("Provisioned IOPS", "IOPS", price.having(deployment=STANDBYS), monthly=resource.number("iops"))


class ClusterInstance(Builder):
    """An instance in a cluster of Aurora."""

    types = ("aws_rds_cluster_instance",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The instance or its capacity, insights, credits and extended support."""
        cluster = next(iter(resource.refers("cluster_identifier", "aws_rds_cluster")), None)
        engine = (resource.text("engine") or (cluster.text("engine") if cluster else None) or "aurora").lower()
        optimized = cluster is not None and cluster.text("storage_type") == _OPTIMIZED
        instance_class = resource.text("instance_class") or ""
        capacity = resource.usage.number("capacity_units_per_hr")
        serverless = instance_class.lower() == "db.serverless"
        line = (
            _serverless(resource, cluster, engine, capacity, optimized=optimized)
            if serverless
            else _instance(resource, engine, instance_class, optimized=optimized)
        )
        version = resource.text("engine_version") or (
            cluster.text("engine_version") if cluster and not resource.parity else None
        )
        mode = cluster.text("database_insights_mode") if cluster else None
        return Bill(
            (
                line,
                *credit_lines(resource, engine, instance_class),
                *insights(resource, mode, capacity=capacity),
                *extended_support(engine, version, instance_class, resource.today),
            )
        )


def _instance(resource: CostResource, engine: str, instance_class: str, *, optimized: bool) -> Component:
    price = instance_price(engine, "Single-AZ", instance_class)
    price = price.having(storage="I/O-optimized") if optimized else price
    return bought(resource, f"Database instance ({{}}, {instance_class})", price)


def _serverless(
    resource: CostResource, cluster: CostResource | None, engine: str, capacity: Decimal | None, *, optimized: bool
) -> Component:
    """As much as the usage file says, else what the cluster never falls below (ours)."""
    kind = "io-optimized" if optimized else "standard"
    prices = [PriceKey(_SERVICE, "ServerlessV2", f"{prefix}{kind}") for prefix in ("aurora-postgresql-", "aurora-")]
    if "postgresql" not in engine:
        prices.reverse()
    floor = None
    if cluster and not resource.parity and capacity is None:
        floor = cluster.block("serverlessv2_scaling_configuration").number("min_capacity")
    return Component(
        "Aurora serverless v2 (I/O-optimized)" if optimized else "Aurora serverless v2",
        "ACU-hours",
        prices[0],
        hourly=floor if capacity is None else capacity,
        usage_based=floor is None,
        fallback=prices[1],
    )
