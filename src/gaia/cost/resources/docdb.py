"""Amazon DocumentDB: instances by the hour; storage, requests and backups as they are used."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.databases import burstable
from gaia.cost.lines import used
from gaia.cost.model import ONE, ZERO, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_SERVICE = "AmazonDocDB"


def _backup(resource: CostResource) -> Component:
    price = PriceKey(_SERVICE, "Storage Snapshot", "backup")
    return used("Backup storage", "GB", price, resource.usage.number("backup_storage_gb"))


class Cluster(Builder):
    """A cluster, whose instances are resources of their own."""

    types = ("aws_docdb_cluster",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Backups beyond the one that is free."""
        backup = _backup(resource)
        kept = (resource.number("backup_retention_period") or ZERO) > 1
        return Bill((backup,) if kept or backup.monthly is not None else ())


class Instance(Builder):
    """An instance, with the storage that the usage file tells of it."""

    types = ("aws_docdb_cluster_instance",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The instance, storage, requests, and credits of a burstable one.

        A cluster that is optimized for I/O has dearer instances and storage, and its requests included (ours).
        """
        usage, instance_class = resource.usage, resource.text("instance_class") or ""
        clusters = resource.refers("cluster_identifier", "aws_docdb_cluster")
        optimized = not resource.parity and any(cluster.text("storage_type") == "iopt1" for cluster in clusters)
        price = PriceKey(_SERVICE, "Database Instance", instance_class)
        storage = PriceKey(_SERVICE, "Database Storage", "storage-io-optimized" if optimized else "storage")
        requests, spent = usage.number("monthly_io_requests"), usage.number("monthly_cpu_credit_hrs")
        lines = [
            Component(
                f"Database instance (on-demand, {instance_class})",
                "hours",
                price.having(storage="I/O-optimized") if optimized else price,
                hourly=ONE,
            ),
            used("Storage", "GB", storage, usage.number("data_storage_gb")),
        ]
        if not optimized:
            io = PriceKey(_SERVICE, "System Operation", "io")
            lines.append(used("I/O requests", "1M requests", io, requests, Decimal(1_000_000)))
        if family := burstable(instance_class):
            lines.append(used("CPU credits", "vCPU-hours", PriceKey(_SERVICE, "CPU Credits", family), spent))
        return Bill(tuple(lines))


class Snapshot(Builder):
    """A snapshot that somebody has made."""

    types = ("aws_docdb_cluster_snapshot",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its size."""
        return Bill((_backup(resource),))
