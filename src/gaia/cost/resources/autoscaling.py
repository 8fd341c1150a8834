"""EC2 Auto Scaling: groups of machines that are made from a launch template or a launch configuration."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from gaia.cost.machine import SPOT, UNKNOWN, Machine
from gaia.cost.model import HOURS_A_MONTH, ONE, ZERO, Bill, Builder, Component, PriceKey
from gaia.cost.resources.ebs import Volume
from gaia.cost.resources.ec2 import template_of
from gaia.cost.resources.vpc import public_addresses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.cost.block import Block
    from gaia.cost.model import CostResource

_SPECIFIED = "mixed_instances_policy[0].launch_template[0].launch_template_specification[0]"
_HUNDRED = Decimal(100)


class Group(Builder):
    """A group: as many machines as are desired, else the least number, else one."""

    types = ("aws_autoscaling_group",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The machines of its launch configuration or launch template, under that one's name."""
        bill, least = self._billed(resource), resource.usage.number("instances")
        most = resource.is_unknown("max_size") or resource.number("max_size")
        if most and not (_desired(resource) if least is None else least):
            return replace(bill, unbilled=(*bill.unbilled, *SCALED))
        return bill

    @staticmethod
    def _billed(resource: CostResource) -> Bill:
        count = _desired(resource)
        for configuration in resource.refers("launch_configuration", "aws_launch_configuration"):
            return Bill((), ((configuration.address, _configured(configuration, resource, _said(resource, count))),))
        template = template_of(resource, "launch_template.id", "launch_template.name")
        if template:
            share = ZERO if on_spot(template) else _HUNDRED
            return Bill((), ((template.address, templated(template, resource, _said(resource, count), share=share)),))
        template = template_of(resource, f"{_SPECIFIED}.launch_template_id", f"{_SPECIFIED}.launch_template_name")
        if template:
            return Bill((), ((template.address, _mixed(template, resource, count)),))
        return Bill() if resource.parity else unknown(resource, _said(resource, count))


SCALED = (Component("Instance usage", "hours", PriceKey("AmazonEC2", "Compute Instance", UNKNOWN)),)
"""What a group may grow to that has no machine yet: nobody knows how much of it there will be."""


def _desired(resource: CostResource) -> Decimal:
    count = resource.number("desired_capacity")
    return resource.number("min_size") or ONE if count is None else count


def unknown(owner: CostResource, count: Decimal, kind: str = UNKNOWN) -> Bill:
    """So many machines of which the plan tells the type at most: what they are made from is not in it."""
    return Bill((Machine(kind, owner.usage).running(HOURS_A_MONTH),)).times(count)


def _said(resource: CostResource, count: Decimal) -> Decimal:
    said = resource.usage.number("instances")
    return count if said is None else said


def on_spot(template: Block) -> bool:
    """Whether machines of a template are bought at the spot price."""
    return (template.block("instance_market_options").text("market_type") or "").casefold() == SPOT


def _mixed(template: CostResource, resource: CostResource, count: Decimal) -> Bill:
    policy = resource.block("mixed_instances_policy")
    kind = None
    for override in policy.block("launch_template").blocks("override")[:1]:
        kind, weight = override.text("instance_type"), override.number("weighted_capacity")
        weight = ONE if weight is None else weight
        count = (count / weight).to_integral_value(ROUND_CEILING) if weight else ZERO
    distribution = policy.block("instances_distribution")
    share = distribution.number("on_demand_percentage_above_base_capacity")
    return templated(
        template,
        resource,
        _said(resource, count),
        kind=kind,
        base=distribution.number("on_demand_base_capacity") or ZERO,
        share=_HUNDRED if share is None else share,
    )


def templated(
    template: CostResource,
    owner: CostResource,
    count: Decimal,
    *,
    kind: str | None = None,
    base: Decimal = ZERO,
    share: Decimal = _HUNDRED,
) -> Bill:
    """So many machines of a launch template: `base` on demand, of the others `share` per cent, the rest spot."""
    tenancy = template.block("placement").text("tenancy")
    machine = Machine(
        kind or template.text("instance_type") or UNKNOWN,
        owner.usage,
        tenancy,
        optimized=template.flag("ebs_optimized"),
        monitored=template.block("monitoring").flag("enabled"),
        credit=template.block("credit_specification").text("cpu_credits"),
        accelerator=template.block("elastic_inference_accelerator").text("type"),
    )
    on_demand = base + ((count - base) * share / _HUNDRED).to_integral_value(ROUND_CEILING)
    public = any(card.flag("associate_public_ip_address") for card in template.blocks("network_interfaces"))
    mapped = [ebs for mapping in template.blocks("block_device_mappings") for ebs in mapping.blocks("ebs")]
    volumes = tuple((f"block_device_mapping[{number}]", Volume.of(ebs)) for number, ebs in enumerate(mapped))
    besides = _besides(machine, volumes, owner, public=public).times(count)
    running = [
        machine.running(HOURS_A_MONTH * number, spot=spot)
        for number, spot in ((on_demand, False), (count - on_demand, True))
        if number > 0
    ]
    return _run(machine, running, besides)


def _run(machine: Machine, running: Sequence[Component], besides: Bill) -> Bill:
    """On a dedicated host they take room, and the host is billed."""
    if machine.on_host:
        return replace(besides, unbilled=tuple(running))
    return replace(besides, components=(*running, *besides.components))


def _configured(configuration: CostResource, owner: CostResource, count: Decimal) -> Bill:
    """So many machines of a launch configuration; detailed monitoring is on unless it is turned off."""
    machine = Machine(
        configuration.text("instance_type") or UNKNOWN,
        owner.usage,
        configuration.text("placement_tenancy"),
        optimized=configuration.flag("ebs_optimized"),
        monitored=configuration.flag("enable_monitoring") or not configuration.has("enable_monitoring"),
    )
    devices = enumerate(configuration.blocks("ebs_block_device"))
    volumes = (
        ("root_block_device", Volume.of(configuration.block("root_block_device"))),
        *((f"ebs_block_device[{number}]", Volume.of(device)) for number, device in devices),
    )
    public = configuration.flag("associate_public_ip_address")
    besides = _besides(machine, volumes, owner, public=public)
    spot = configuration.has("spot_price")
    return _run(machine, [machine.running(HOURS_A_MONTH, spot=spot)], besides).times(count)


def _besides(machine: Machine, volumes: tuple[tuple[str, Volume], ...], owner: CostResource, *, public: bool) -> Bill:
    """What goes with one machine: further lines, a public address, volumes."""
    lines = machine.besides(parity=owner.parity)
    if public and not owner.parity:
        lines = (*lines, public_addresses(1))
    return Bill(lines, tuple((name, Bill(volume.lines(parity=owner.parity))) for name, volume in volumes))
