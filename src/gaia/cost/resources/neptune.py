"""Amazon Neptune: instances by the hour; storage, requests and backups as they are used."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.databases import burstable
from gaia.cost.lines import used
from gaia.cost.model import FREE, ONE, ZERO, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_SERVICE = "AmazonNeptune"


def _backup(resource: CostResource) -> Component:
    price = PriceKey(_SERVICE, "Storage Snapshot", "backup")
    return used("Backup storage", "GB", price, resource.usage.number("backup_storage_gb"))


class Cluster(Builder):
    """A cluster, whose instances are resources of their own."""

    types = ("aws_neptune_cluster",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Storage, requests, and backups beyond the one that is free.

        Infracost prices storage that is optimized for I/O, which is dearer and has its requests included, as any.
        """
        usage, backup = resource.usage, _backup(resource)
        optimized = resource.text("storage_type") == "iopt1" and not resource.parity
        stored, requests = usage.number("storage_gb"), usage.number("monthly_io_requests")
        storage = PriceKey(_SERVICE, "Database Storage", "storage-io-optimized" if optimized else "storage")
        lines = [used("Storage", "GB", storage, stored)]
        if not optimized:
            price = PriceKey(_SERVICE, "System Operation", "io")
            lines.append(used("I/O requests", "1M request", price, requests, Decimal(1_000_000)))
        if (resource.number("backup_retention_period") or ZERO) > 1:
            lines.append(backup)
        return Bill(tuple(lines))


class Instance(Builder):
    """An instance in a cluster."""

    types = ("aws_neptune_cluster_instance",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The instance, dearer where the cluster is optimized for I/O, and credits of a burstable one."""
        instance_class = resource.text("instance_class") or ""
        clusters = resource.refers("cluster_identifier", "aws_neptune_cluster")
        price = PriceKey(_SERVICE, "Database Instance", instance_class.lower())
        if any(cluster.text("storage_type") == "iopt1" for cluster in clusters):
            price = price.having(storage="I/O-optimized")
        lines = [Component(f"Database instance (on-demand, {instance_class})", "hours", price, hourly=ONE)]
        spent = resource.usage.number("monthly_cpu_credit_hrs")
        if family := burstable(instance_class):
            price = PriceKey(_SERVICE, "CPU Credits", family)
            # Infracost takes credits of a month for credits of an hour.
            in_an_hour = spent if resource.parity else None
            lines.append(
                Component(
                    "CPU credits",
                    "vCPU-hours",
                    price,
                    monthly=None if resource.parity else spent,
                    hourly=in_an_hour,
                    usage_based=True,
                )
            )
        return Bill(tuple(lines))


class Snapshot(Builder):
    """A snapshot that somebody has made."""

    types = ("aws_neptune_cluster_snapshot",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its size; nothing, where the cluster keeps one backup, which is free."""
        backup = _backup(resource)
        clusters = resource.refers("db_cluster_identifier", "aws_neptune_cluster")
        if clusters and (clusters[0].number("backup_retention_period") or ONE) < 2:
            return FREE
        return Bill((backup,))
