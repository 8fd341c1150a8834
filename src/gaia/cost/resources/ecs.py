"""Amazon ECS: services on Fargate; on machines of one's own a service costs nothing by itself."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.block import Block
from gaia.cost.lines import hourly
from gaia.cost.model import FREE, HOURS_A_MONTH, ZERO, Bill, Builder, Component, PriceKey
from gaia.cost.resources.vpc import public_addresses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.cost.model import CostResource

_SIZE = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>vcpu|gb)?", re.IGNORECASE)
_INCLUDED_DISK = Decimal(20)


class Service(Builder):
    """A service, as many tasks as are desired. Fargate Spot is priced as Fargate."""

    types = ("aws_ecs_service",)

    def bill(self, resource: CostResource) -> Bill:
        """Memory and processors of its tasks."""
        if _launched_by(resource) != "FARGATE":
            return FREE
        found = _task(resource)
        task: Block = found or Block({}, {})
        count = resource.number("desired_count") or ZERO
        suffix = "x86" if resource.parity else _processor(task)
        memory: Decimal | None = _size(task.text("memory")) * count
        cores: Decimal | None = _size(task.text("cpu")) * count
        if not found and not resource.parity:
            resource.doubt("task_definition")
            memory = cores = None
        lines = [
            _line("Per GB per hour", "GB", f"fargate-gb-{suffix}", memory),
            _line("Per vCPU per hour", "CPU", f"fargate-vcpu-{suffix}", cores),
        ]
        disk = task.block("ephemeral_storage").number("size_in_gib") or ZERO
        if disk > _INCLUDED_DISK and not resource.parity:
            lines.append(_line("Ephemeral storage", "GB", "fargate-ephemeral", (disk - _INCLUDED_DISK) * count))
        if resource.block("network_configuration").flag("assign_public_ip") and not resource.parity:
            lines.append(public_addresses(count))
        accelerator = task.block("inference_accelerator").text("device_type")
        if accelerator:
            key = PriceKey("AmazonEI", "Elastic Inference", accelerator)
            lines.append(hourly(f"Inference accelerator ({accelerator})", key, count))
        return Bill(tuple(lines))


def _line(name: str, unit: str, key: str, quantity: Decimal | None) -> Component:
    return Component(name, unit, PriceKey("AmazonECS", "Compute", key), hourly=quantity, multiplier=HOURS_A_MONTH)


def _task(resource: CostResource) -> CostResource | None:
    """The task definition of a service, or of the last task set in it."""
    sets = resource.referring("aws_ecs_task_set", "service")
    found = [task for one in (resource, *sets) for task in one.refers("task_definition", "aws_ecs_task_definition")[:1]]
    return found[-1] if found else None


def _processor(task: Block) -> str:
    platform = task.block("runtime_platform")
    if (platform.text("operating_system_family") or "").startswith("WINDOWS"):
        return "windows"
    return "arm" if platform.text("cpu_architecture") == "ARM64" else "x86"


def _size(text: str | None) -> Decimal:
    """`0.5 vCPU` and `2GB` as they are, plain numbers as units of 1/1024."""
    said = _SIZE.fullmatch((text or "").replace(" ", ""))
    if not said:
        return ZERO
    return Decimal(said["number"]) if said["unit"] else Decimal(said["number"]) / 1024


def _launched_by(resource: CostResource) -> str | None:
    """FARGATE or EC2: by the service itself, else by the default of its cluster."""
    said = resource.text("launch_type") or _provided(resource.blocks("capacity_provider_strategy"))
    if said:
        return said
    for cluster in resource.refers("cluster", "aws_ecs_cluster"):
        for one in (cluster, *cluster.referring("aws_ecs_cluster_capacity_providers", "cluster_name")):
            strategies = one.blocks("default_capacity_provider_strategy")
            found = _provided(strategies)
            if found == "FARGATE" or (not strategies and "FARGATE" in one.texts("capacity_providers")):
                return "FARGATE"
            said = found or said
    return said


def _provided(strategies: Sequence[Block]) -> str | None:
    used = [one for one in strategies if one.number("base") or one.number("weight")]
    if not used:
        return None
    fargate = any((one.text("capacity_provider") or "").upper().startswith("FARGATE") for one in used)
    return "FARGATE" if fargate else "EC2"
