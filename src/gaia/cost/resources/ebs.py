"""Amazon EBS: volumes, alone and of machines, and snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ZERO, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from gaia.cost.block import Block
    from gaia.cost.model import CostResource

_DEFAULT_SIZE = Decimal(8)
_NAMES = {
    "standard": "magnetic",
    "io1": "provisioned IOPS SSD, io1",
    "io2": "provisioned IOPS SSD, io2",
    "st1": "throughput optimized HDD, st1",
    "sc1": "cold HDD, sc1",
    "gp2": "general purpose SSD, gp2",
    "gp3": "general purpose SSD, gp3",
}
_GP3_IOPS, _GP3_THROUGHPUT = Decimal(3000), Decimal(125)
"""What a gp3 volume has without being billed for it, in IOPS and MiB/s."""
_MEBI = Decimal(1) / Decimal(1024)
_IO2_TIERS = ((Decimal(32_000), "io2", ""), (Decimal(32_000), "io2-tier2", " (next 32,000)"))
_IO2_REST = ("io2-tier3", " (over 64,000)")


@dataclass(frozen=True, slots=True)
class Volume:
    """What a volume's price depends on; None where nothing is said."""

    kind: str | None = None
    size: Decimal | None = None
    iops: Decimal | None = None
    throughput: Decimal | None = None

    @classmethod
    def of(cls, block: Block, kind: str = "volume_type", size: str = "volume_size") -> Volume:
        """That of a block device."""
        return cls(block.text(kind), block.number(size), block.number("iops"), block.number("throughput"))

    def over(self, other: Volume) -> Volume:
        """This one, and what it does not say as the other has it."""
        return Volume(
            self.kind or other.kind,
            other.size if self.size is None else self.size,
            other.iops if self.iops is None else self.iops,
            other.throughput if self.throughput is None else self.throughput,
        )

    def lines(self, *, parity: bool, requests: Decimal | None = None) -> tuple[Component, ...]:
        """Storage, and what is provisioned beyond what is included. `requests` are I/O requests a month."""
        kind = (self.kind or "gp2").casefold()
        size = _DEFAULT_SIZE if self.size is None else self.size
        name = f"Storage ({_NAMES.get(kind, 'unknown')})"
        lines = [Component(name, "GB", PriceKey("AmazonEC2", "Storage", kind), size)]
        iops, throughput = self.iops or ZERO, self.throughput or ZERO
        if kind == "gp3" and throughput > _GP3_THROUGHPUT:
            key = PriceKey("AmazonEC2", "Throughput", kind)
            over = (throughput - _GP3_THROUGHPUT) * _MEBI
            lines.append(Component("Provisioned throughput", "Mbps", key, over, multiplier=_MEBI))
        if kind == "io2" and not parity:
            lines += _tiered_iops(iops)
        elif kind in ("io1", "io2"):
            lines.append(_iops(kind, iops))
        elif kind == "gp3" and iops > _GP3_IOPS:
            lines.append(_iops(kind, iops - _GP3_IOPS))
        if kind == "standard":
            key = PriceKey("AmazonEC2", "IO requests", kind)
            lines.append(used("I/O requests", "1M request", key, requests, multiplier=Decimal(10**6)))
        return tuple(lines)


def _iops(key: str, quantity: Decimal, tier: str = "") -> Component:
    return Component(f"Provisioned IOPS{tier}", "IOPS", PriceKey("AmazonEC2", "IOPS", key), quantity)


def _tiered_iops(quantity: Decimal) -> list[Component]:
    """AWS bills IOPS of io2 cheaper from 32,000 and from 64,000 on; Infracost does not."""
    lines: list[Component] = []
    rest = quantity
    for size, key, tier in _IO2_TIERS:
        if rest or not lines:
            lines.append(_iops(key, min(rest, size), tier))
        rest = max(rest - size, ZERO)
    return [*lines, _iops(_IO2_REST[0], rest, _IO2_REST[1])] if rest else lines


class Alone(Builder):
    """A volume of its own."""

    types = ("aws_ebs_volume",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its storage and what is provisioned."""
        volume = Volume.of(resource, "type", "size")
        requests = resource.usage.number("monthly_standard_io_requests") if volume.kind == "standard" else None
        return Bill(volume.lines(parity=resource.parity, requests=requests))


class Snapshot(Builder):
    """A snapshot, which is billed as if its volume were full and nothing were shared with earlier ones."""

    types = ("aws_ebs_snapshot",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Storage, fast restore and calls of the direct API."""
        restore = PriceKey("AmazonEC2", "Fast Snapshot Restore", "fast-snapshot-restore")
        hours = resource.usage.number("fast_snapshot_restore_hours")
        return Bill(
            (
                _snapshot(resource),
                used("Fast snapshot restore", "DSU-hours", restore, hours),
                _calls(resource, "ListChangedBlocks & ListSnapshotBlocks", "requests", "list"),
                _calls(resource, "GetSnapshotBlock", "SnapshotAPIUnits", "get"),
                _calls(resource, "PutSnapshotBlock", "SnapshotAPIUnits", "put"),
            )
        )


def _calls(resource: CostResource, name: str, unit: str, call: str) -> Component:
    key = PriceKey("AmazonEC2", "EBS direct API", f"direct-api-{call}")
    quantity = resource.usage.number(f"monthly_{call}_block_requests")
    return used(f"{name} API requests", f"1k {unit}", key, quantity, multiplier=Decimal(1000))


class SnapshotCopy(Builder):
    """A copy of a snapshot."""

    types = ("aws_ebs_snapshot_copy",)

    def bill(self, resource: CostResource) -> Bill:
        """Its storage."""
        source = next(iter(resource.refers("source_snapshot_id", "aws_ebs_snapshot")), resource)
        return Bill((_snapshot(source),))


def _snapshot(resource: CostResource) -> Component:
    sizes = (volume.number("size") for volume in resource.refers("volume_id", "aws_ebs_volume"))
    size = next((size for size in sizes if size is not None), None) or resource.number("volume_size") or _DEFAULT_SIZE
    key = PriceKey("AmazonEC2", "Storage Snapshot", "snapshot")
    return Component("EBS snapshot storage", "GB", key, size, usage_based=True)
