"""AWS Elastic Beanstalk: an environment costs what is made for it, which its settings tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.cost.machine import UNKNOWN, Machine
from gaia.cost.model import HOURS_A_MONTH, ONE, Bill, Builder
from gaia.cost.resources import builder
from gaia.cost.resources.ebs import Volume

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.cost.block import Block
    from gaia.cost.model import CostResource


class Environment(Builder):
    """Machines, and what a load balancer, a database and logs cost as resources of their own."""

    types = ("aws_elastic_beanstalk_environment",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """A group for each thing that is made, named after its type."""
        settings = {setting.text("name"): setting for setting in resource.blocks("setting")}
        groups = [("aws_launch_configuration", _machines(resource, settings))]
        if "DBInstanceClass" in settings:
            groups.append(("aws_db_instance", _made("aws_db_instance", "db", resource, _database(settings))))
        if "StreamLogs" in settings:
            groups.append(("aws_cloudwatch_log_group", _made("aws_cloudwatch_log_group", "cloudwatch", resource, {})))
        single = _text(settings, "EnvironmentType") == "SingleInstance" and not resource.parity
        return Bill((), (*groups, *([] if single else [_balancer(resource, settings)])))


def _machines(resource: CostResource, settings: Mapping[str | None, Block]) -> Bill:
    kinds = _text(settings, "InstanceTypes") or _text(settings, "InstanceType") or UNKNOWN
    # Of several types Beanstalk takes the first that it can have.
    machine = Machine(kinds.partition(",")[0].strip(), resource.usage.within("ec2"))
    size, iops, count = (
        settings[name].number("value") if name in settings else None
        for name in ("RootVolumeSize", "RootVolumeIOPS", "MinSize")
    )
    volume = Volume(_text(settings, "RootVolumeType"), size, iops)
    said = machine.usage.number("instances")
    lines = (machine.running(HOURS_A_MONTH), *machine.besides(parity=resource.parity))
    root = ("aws_ebs_volume", Bill(volume.lines(parity=resource.parity)))
    return Bill(lines, (root,)).times((ONE if count is None else count) if said is None else said)


def _database(settings: Mapping[str | None, Block]) -> Mapping[str, object]:
    said = {
        "instance_class": _text(settings, "DBInstanceClass"),
        "engine": _text(settings, "DBEngine") or "mysql",
        "multi_az": _text(settings, "MultiAZDatabase") in ("true", "True"),
        "allocated_storage": _text(settings, "DBAllocatedStorage"),
    }
    return {name: value for name, value in said.items() if value is not None}


def _balancer(resource: CostResource, settings: Mapping[str | None, Block]) -> tuple[str, Bill]:
    """A classic one unless another is chosen; where nothing is, Infracost takes a network one."""
    kind = _text(settings, "LoadBalancerType") or ("network" if resource.parity else "classic")
    if kind == "classic":
        return "aws_elb", _made("aws_elb", "elb", resource, {})
    shown = "network" if resource.parity else kind
    return "aws_loadbalancer", _made("aws_lb", "lb", resource, {"load_balancer_type": shown})


def _made(kind: str, usage: str, resource: CostResource, values: Mapping[str, object]) -> Bill:
    """The bill of something of another type, with its part of the usage."""
    made = replace(
        resource,
        values=values,
        unknown={},
        expressions=None,
        address=f"{resource.address}.{kind}",
        type=kind,
        usage=resource.usage.within(usage),
    )
    one = builder(kind)
    return one.bill(made) if one else Bill()


def _text(settings: Mapping[str | None, Block], name: str) -> str | None:
    return settings[name].text("value") if name in settings else None
