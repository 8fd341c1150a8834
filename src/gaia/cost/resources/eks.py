"""Amazon EKS: clusters, groups of nodes, and what runs on Fargate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import hourly
from gaia.cost.machine import UNKNOWN, Machine
from gaia.cost.model import HOURS_A_MONTH, ONE, ZERO, Bill, Builder, Component, PriceKey
from gaia.cost.resources.autoscaling import SCALED, on_spot, templated, unknown
from gaia.cost.resources.ebs import Volume
from gaia.cost.resources.ec2 import template_of

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_SUPPORTED_UNTIL = {
    "1.23": date(2023, 10, 11),
    "1.24": date(2024, 1, 31),
    "1.25": date(2024, 5, 1),
    "1.26": date(2024, 6, 11),
    "1.27": date(2024, 7, 24),
    "1.28": date(2024, 11, 26),
    "1.29": date(2025, 3, 23),
    "1.30": date(2025, 7, 23),
    "1.31": date(2025, 11, 26),
    "1.32": date(2026, 3, 23),
    "1.33": date(2026, 7, 29),
    "1.34": date(2026, 12, 2),
    "1.35": date(2027, 3, 27),
}
"""The last day of a version's standard support; after it a cluster costs six times as much."""
_DEFAULT_KIND, _DEFAULT_DISK = "t3.medium", Decimal(20)


class Cluster(Builder):
    """The control plane of a cluster."""

    types = ("aws_eks_cluster",)

    def bill(self, resource: CostResource) -> Bill:
        """Its hours, in standard or extended support."""
        last = _SUPPORTED_UNTIL.get(resource.text("version") or "")
        # A cluster that takes standard support alone is upgraded by AWS when that ends.
        upgraded = resource.block("upgrade_policy").text("support_type") == "STANDARD" and not resource.parity
        if last and last < resource.today and not upgraded:
            key = PriceKey("AmazonEKS", "Compute", "eks-cluster-extended-support")
            return Bill((hourly("EKS cluster (extended support)", key),))
        return Bill((hourly("EKS cluster", PriceKey("AmazonEKS", "Compute", "eks-cluster")),))


class NodeGroup(Builder):
    """A group of nodes, as many as are desired."""

    types = ("aws_eks_node_group",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its machines and their volumes, under the name of its launch template if it has one."""
        scaling, said = resource.block("scaling_config"), resource.usage.number("instances")
        bill = self._billed(resource)
        most = scaling.is_unknown("max_size") or scaling.number("max_size")
        if most and not (scaling.number("desired_size") if said is None else said):
            return replace(bill, unbilled=(*bill.unbilled, *SCALED))
        return bill

    @staticmethod
    def _billed(resource: CostResource) -> Bill:
        said = resource.usage.number("instances")
        count = resource.block("scaling_config").number("desired_size") or ZERO
        count = count if said is None else said
        kind = next(iter(resource.texts("instance_types")), "").casefold()
        spot = (resource.text("capacity_type") or "").casefold() == "spot"
        template = template_of(resource, "launch_template.id", "launch_template.name")
        if template:
            spot = on_spot(template) or (spot and not resource.parity)
            kind = kind or template.text("instance_type") or _DEFAULT_KIND
            share = ZERO if spot else Decimal(100)
            return Bill((), ((template.address, templated(template, resource, count, kind=kind, share=share)),))
        if not resource.parity and resource.blocks("launch_template"):
            return unknown(resource, count, kind or UNKNOWN)
        machine = Machine(kind or _DEFAULT_KIND, resource.usage)
        disk = Volume("gp2", resource.number("disk_size") or _DEFAULT_DISK)
        lines = (
            machine.running(HOURS_A_MONTH, spot=spot),
            *machine.besides(parity=resource.parity),
            *disk.lines(parity=resource.parity),
        )
        return Bill(lines).times(count)


class FargateProfile(Builder):
    """What a profile matches is not in a plan: one vCPU and one GB are counted."""

    types = ("aws_eks_fargate_profile",)

    def bill(self, resource: CostResource) -> Bill:  # noqa: ARG002 - all cost the same
        """Memory and processors."""
        return Bill((_fargate("Per GB per hour", "GB", "gb"), _fargate("Per vCPU per hour", "CPU", "vcpu")))


def _fargate(name: str, unit: str, key: str) -> Component:
    # The price list has the same figures under both services.
    same = PriceKey("AmazonECS", "Compute", f"fargate-{key}-x86")
    price = PriceKey("AmazonEKS", "Compute", f"fargate-{key}-x86")
    return Component(name, unit, price, hourly=ONE, multiplier=HOURS_A_MONTH, fallback=same)
