"""Amazon EC2: machines of their own, and hosts for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.cost.block import Block
from gaia.cost.lines import hourly
from gaia.cost.machine import UNKNOWN, Machine
from gaia.cost.model import Bill, Builder, PriceKey
from gaia.cost.resources.ebs import Volume
from gaia.cost.resources.vpc import public_addresses

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

TEMPLATE = "aws_launch_template"
_TERMS = {"1_year": "1yr", "3_year": "3yr"}
_PAYMENTS = {"no_upfront": "NoUpfront", "partial_upfront": "PartialUpfront", "all_upfront": "AllUpfront"}


def template_of(resource: CostResource, *attributes: str) -> CostResource | None:
    """The launch template that the first of these attributes refers to."""
    for attribute in attributes:
        for found in resource.refers(attribute, TEMPLATE):
            return found
    return None


class Instance(Builder):
    """A machine; what it does not say itself is as its launch template has it."""

    types = ("aws_instance",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The machine, its root volume and its other volumes."""
        template = template_of(resource, "launch_template.id", "launch_template.name")
        machine = _machine(resource, template or Block({}, {}))
        spot = resource.has("spot_price") or (not resource.parity and _on_the_market(resource))
        running = (machine.running(machine.hours, spot=spot),)
        lines = [] if machine.on_host else [*running]
        lines += machine.besides(parity=resource.parity)
        if not resource.parity and _has_public_address(resource):
            address = public_addresses(1)
            lines.append(replace(address, hourly=None, monthly=machine.hours))
        volumes = (("root_block_device", Volume.of(resource.block("root_block_device"))), *_devices(resource, template))
        return Bill(
            tuple(lines),
            tuple((name, Bill(one.lines(parity=resource.parity))) for name, one in volumes),
            unbilled=running if machine.on_host else (),
        )


def _machine(resource: CostResource, template: Block) -> Machine:
    credit = resource.block("credit_specification").text("cpu_credits")
    return Machine(
        resource.text("instance_type") or template.text("instance_type") or UNKNOWN,
        resource.usage,
        resource.text("tenancy") or template.block("placement").text("tenancy"),
        optimized=(resource if resource.has("ebs_optimized") else template).flag("ebs_optimized"),
        monitored=resource.flag("monitoring")
        if resource.has("monitoring")
        else template.block("monitoring").flag("enabled"),
        credit=credit or template.block("credit_specification").text("cpu_credits"),
    )


def _on_the_market(resource: CostResource) -> bool:
    return resource.block("instance_market_options").text("market_type") == "spot"


def _has_public_address(resource: CostResource) -> bool:
    """Whether it gets one at start that is no elastic one, which is billed by itself."""
    if resource.has("associate_public_ip_address"):
        given = resource.flag("associate_public_ip_address")
    else:
        given = any(subnet.flag("map_public_ip_on_launch") for subnet in resource.refers("subnet_id", "aws_subnet"))
    elastic = (("aws_eip", "instance"), ("aws_eip_association", "instance_id"))
    return given and not any(resource.referring(kind, attribute) for kind, attribute in elastic)


def _devices(resource: CostResource, template: CostResource | None) -> list[tuple[str, Volume]]:
    """Volumes of the machine and of its template, by device; those that are resources are billed there."""
    templated = {
        mapping.text("device_name"): Volume.of(mapping.block("ebs"))
        for mapping in (template.blocks("block_device_mappings") if template else ())
    }
    volumes = []
    for number, device in enumerate(resource.blocks("ebs_block_device")):
        inherited = templated.pop(device.text("device_name"), Volume())
        if device.text("volume_id") and resource.refers(f"ebs_block_device[{number}].volume_id", "aws_ebs_volume"):
            continue
        volumes.append((f"ebs_block_device[{number}]", Volume.of(device).over(inherited)))
    volumes += [(f"ebs_block_device[{len(volumes) + more}]", one) for more, one in enumerate(templated.values())]
    return volumes


class SpotRequest(Builder):
    """A request for a machine at the spot price."""

    types = ("aws_spot_instance_request",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """The machine, and its volumes, which Infracost leaves out."""
        machine = _machine(resource, Block({}, {}))
        if resource.parity:
            machine = Machine(machine.kind, resource.usage)
        lines = (machine.running(machine.hours, spot=True), *machine.besides(parity=resource.parity))
        if resource.parity:
            return Bill(lines)
        volumes = (("root_block_device", Volume.of(resource.block("root_block_device"))), *_devices(resource, None))
        return Bill(lines, tuple((name, Bill(one.lines(parity=False))) for name, one in volumes))


class Host(Builder):
    """A dedicated host for machines of one family."""

    types = ("aws_ec2_host",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its hours."""
        kind = resource.text("instance_type") or resource.text("instance_family") or ""
        family = kind.partition(".")[0]
        key = PriceKey("AmazonEC2", "Dedicated Host", family)
        term = _TERMS.get(resource.usage.text("reserved_instance_term") or "")
        payment = _PAYMENTS.get(resource.usage.text("reserved_instance_payment_option") or "")
        if not term or not payment:
            return Bill((hourly(f"EC2 Dedicated Host (on-demand, {family})", key),))
        return Bill((hourly(f"EC2 Dedicated Host (reserved, {family})", key.having(payment=payment, term=term)),))
