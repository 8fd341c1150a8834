"""Amazon Redshift: nodes by the hour; managed storage, queries of S3 and backups as they are used."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ONE, Bill, Builder, Component, PriceKey
from gaia.cost.tiers import Tier, tiered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.model import CostResource

_SERVICE, _SNAPSHOT = "AmazonRedshift", "Storage Snapshot"
_TIERS = (
    Tier("first 50 TB", Decimal(51_200), PriceKey(_SERVICE, _SNAPSHOT, "backup-first-50TB")),
    Tier("next 450 TB", Decimal(512_000), PriceKey(_SERVICE, _SNAPSHOT, "backup-next-450TB")),
    Tier("over 500 TB", None, PriceKey(_SERVICE, _SNAPSHOT, "backup-over-500TB")),
)
_SCALING = ("ra3", "ds2", "dc2")


class Cluster(Builder):
    """A cluster."""

    types = ("aws_redshift_cluster",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The nodes and what is used besides."""
        return Bill(tuple(_lines(resource)))


def _lines(resource: CostResource) -> Iterator[Component]:
    usage, node = resource.usage, resource.text("node_type") or ""
    price = PriceKey(_SERVICE, "Compute Instance", node.lower())
    yield Component(
        f"Cluster usage (on-demand, {node})", "hours", price, hourly=resource.number("number_of_nodes") or ONE
    )
    if node.startswith("ra3"):
        price = PriceKey(_SERVICE, "Redshift Managed Storage", node.lower())
        yield used(f"Managed storage ({node})", "GB", price, usage.number("managed_storage_gb"))
    if node.startswith(_SCALING):
        price = PriceKey(_SERVICE, "Redshift Concurrency Scaling", node.lower())
        seconds = usage.number("excess_concurrency_scaling_secs")
        yield used(f"Concurrency scaling ({node})", "node-seconds", price, seconds)
    spectrum = PriceKey(_SERVICE, "Redshift Data Scan", "spectrum")
    yield used("Spectrum", "TB", spectrum, usage.number("spectrum_data_scanned_tb"))
    yield from tiered("Backup storage", "GB", _TIERS, usage.number("backup_storage_gb"))
