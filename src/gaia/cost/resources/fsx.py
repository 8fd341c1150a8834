"""Amazon FSx: file systems by their size and throughput."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ONE, ZERO, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_SERVICE = "AmazonFSx"
_IOPS_OF_A_GB = Decimal(3)
_SAVED = Decimal(50)
"""Percent that compression saves, where nobody has said: Infracost's default."""


def _price(family: str, key: str, system: str, deployment: str) -> PriceKey:
    return PriceKey(_SERVICE, family, key).having(deployment=deployment, system=system)


def _deployment(resource: CostResource) -> str:
    return "Multi-AZ" if "multi_az" in (resource.text("deployment_type") or "").lower() else "Single-AZ"


def _throughput(resource: CostResource, system: str, deployment: str) -> Component:
    price = _price("Provisioned Throughput", "throughput", system, deployment)
    return Component("Throughput capacity", "MBps", price, monthly=resource.number("throughput_capacity"))


def _backup(resource: CostResource, system: str, deployment: str) -> Component:
    size = resource.usage.number("backup_storage_gb")
    return used("Backup storage", "GB", _price("Storage", "backup", system, deployment), size)


class Windows(Builder):
    """A file system for Windows."""

    types = ("aws_fsx_windows_file_system",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Throughput, storage and backups."""
        deployment = _deployment(resource)
        media = "HDD" if (resource.text("storage_type") or "").lower() == "hdd" else "SSD"
        size = resource.number("storage_capacity")
        return Bill(
            (
                _throughput(resource, "Windows", deployment),
                Component(f"{media} storage", "GB", _price("Storage", media, "Windows", deployment), monthly=size),
                _backup(resource, "Windows", deployment),
            )
        )


class OpenZfs(Builder):
    """A file system of OpenZFS."""

    types = ("aws_fsx_openzfs_file_system",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Throughput, operations beyond three for each GB, storage and backups.

        Infracost prices two zones as one.
        """
        deployment = "Single-AZ" if resource.parity else _deployment(resource)
        size, disk = resource.number("storage_capacity"), resource.block("disk_iops_configuration")
        iops = ZERO
        if disk.text("mode") == "USER_PROVISIONED":
            iops = max((disk.number("iops") or ZERO) - (size or ZERO) * _IOPS_OF_A_GB, ZERO)
        return Bill(
            (
                _throughput(resource, "OpenZFS", deployment),
                Component(
                    "Provisioned IOPS", "IOPS", _price("Provisioned IOPS", "iops", "OpenZFS", deployment), monthly=iops
                ),
                _stored(resource, size, deployment),
                _backup(resource, "OpenZFS", _deployment(resource)),
            )
        )


def _stored(resource: CostResource, size: Decimal | None, deployment: str) -> Component:
    """Storage. Compression makes room and no less is billed; Infracost takes off what it saves."""
    saved, name = resource.usage.number("compression_savings_percent"), "SSD storage"
    compression = resource.block("root_volume_configuration").text("data_compression_type")
    if resource.parity and compression and compression != "NONE":
        percent = _SAVED if saved is None else saved
        name += f" ({compression} compression, {percent:.0f}%)"
        size = None if size is None else (size * (ONE - percent / 100)).to_integral_value(ROUND_CEILING)
    return Component(name, "GB", _price("Storage", "SSD", "OpenZFS", deployment), monthly=size)
