"""Amazon OpenSearch Service: instances of a domain by the hour, with their disks."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from gaia.cost.model import ONE, ZERO, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.block import Block
    from gaia.cost.model import CostResource

_SERVICE, _VOLUME = "AmazonES", "Amazon OpenSearch Service Volume"
_DEFAULT = "m4.large.elasticsearch"
_VOLUMES = {"gp3": "GP3", "gp2": "GP2", "io1": "PIOPS-Storage", "standard": "Magnetic"}


class Domain(Builder):
    """A domain, under its new name or the old one."""

    types = ("aws_elasticsearch_domain", "aws_opensearch_domain")

    def bill(self, resource: CostResource) -> Bill:
        """Data nodes with their disks, dedicated masters and warm nodes."""
        cluster, disks = resource.block("cluster_config"), resource.block("ebs_options")
        count = cluster.number("instance_count") or ONE
        lines = [_instance("Instance", cluster.text("instance_type") or _DEFAULT, count)]
        if disks.flag("ebs_enabled"):
            lines += _disks(disks, count, parity=resource.parity)
        if cluster.flag("dedicated_master_enabled"):
            masters = cluster.number("dedicated_master_count") or Decimal(3)
            lines.append(_instance("Dedicated master", cluster.text("dedicated_master_type") or _DEFAULT, masters))
        warm, nodes = cluster.text("warm_type"), cluster.number("warm_count") or ZERO
        if cluster.flag("warm_enabled") and warm and nodes:
            lines.append(_instance("UltraWarm instance", warm, nodes))
        return Bill(tuple(lines))


def _instance(name: str, kind: str, count: Decimal) -> Component:
    price = PriceKey(_SERVICE, "Amazon OpenSearch Service Instance", kind.replace(".elasticsearch", ".search"))
    return Component(f"{name} (on-demand, {kind})", "hours", price, hourly=count)


def _disks(disks: Block, count: Decimal, *, parity: bool) -> Iterator[Component]:
    """Disks of all data nodes; Infracost counts those of one, but for the throughput."""
    kind = disks.text("volume_type") or "gp2"
    size, nodes = disks.number("volume_size") or Decimal(8), ONE if parity else count
    price = PriceKey(_SERVICE, _VOLUME, _VOLUMES.get(kind, "GP2"))
    yield Component(f"Storage ({kind})", "GB", price, monthly=size * nodes)
    if kind == "gp3":
        beyond = max((disks.number("throughput") or ZERO) - _included(size), ZERO)
        price = PriceKey(_SERVICE, _VOLUME, "GP3-ThroughPut-Storage")
        yield Component(f"Throughput ({kind})", "Mbps", price, monthly=beyond * count)
    if kind == "io1":
        iops = max(disks.number("iops") or ONE, ONE)
        yield Component(f"Storage IOPS ({kind})", "IOPS", PriceKey(_SERVICE, _VOLUME, "PIOPS"), monthly=iops * nodes)


def _included(size: Decimal) -> Decimal:
    """Throughput in MB/s that a gp3 disk brings along: 125, beyond 170 GB 250 for each 3 TB begun."""
    if size <= 170:
        return Decimal(125)
    return min(Decimal(1000), (size / 3000).to_integral_value(ROUND_CEILING) * 250)
