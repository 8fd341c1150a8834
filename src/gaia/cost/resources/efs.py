"""Amazon EFS: what is stored, colder files cheaper, and throughput beyond what storage brings along."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ZERO, Bill, Builder, PriceKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.model import Component, CostResource

_SERVICE, _STORAGE = "AmazonEFS", "Storage"
_GB_FOR_A_MB = Decimal(20)
"""So much storage brings 1 MB/s along."""


class FileSystem(Builder):
    """A file system, in one zone or in all of a region."""

    types = ("aws_efs_file_system",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Storage, throughput, and files that a lifecycle policy makes cold."""
        return Bill(tuple(_lines(resource)))


def _lines(resource: CostResource) -> Iterator[Component]:
    usage = resource.usage
    label, prefix = ("one zone", "one-zone") if resource.has("availability_zone_name") else ("standard", "standard")
    stored = usage.number("storage_gb")
    yield used(f"Storage ({label})", "GB", PriceKey(_SERVICE, _STORAGE, prefix), stored)
    throughput = resource.number("provisioned_throughput_in_mibps") or ZERO
    if throughput > 0:
        beyond = max(throughput - (stored or ZERO) / _GB_FOR_A_MB, ZERO)
        price = PriceKey(_SERVICE, "Provisioned Throughput", "throughput")
        yield used("Provisioned throughput", "MBps", price, beyond)
    if resource.has("lifecycle_policy"):
        cold = usage.number("infrequent_access_storage_gb")
        price = PriceKey(_SERVICE, _STORAGE, f"{prefix}-ia")
        yield used(f"Storage ({label}, infrequent access)", "GB", price, cold)
        for word in ("read", "write"):
            price = PriceKey(_SERVICE, _STORAGE, f"ia-{word}")
            quantity = usage.number(f"monthly_infrequent_access_{word}_gb")
            yield used(f"{word.capitalize()} requests (infrequent access)", "GB", price, quantity)
