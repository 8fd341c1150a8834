"""Quotas of a tenant's stage, and the capacity of plans that they are held against."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cost.budgets import Commitment, Scope
from gaia.cost.capacity import MACHINES, UNKNOWN, Capacity, _components, capacity_of
from gaia.cost.combine import combine
from gaia.cost.plan import PlanReader
from gaia.cost.quotas import MEASURES, Footprint, Quota, taken
from gaia.cost.resources import builder
from gaia.cost.summary import summary
from gaia.cost.usage import Usage
from gaia.errors import Invalid, Position

from .conftest import change, plan_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.budgets import State
    from gaia.cost.quotas import Measure

    from .conftest import Estimate

AT = Position("budgets/acme.yaml", 9)
SIZE = Capacity(Decimal(2), Decimal(8), Decimal(100))


def holds(service: str, size: Capacity = SIZE, monthly: int | None = 10, state: State = "applied") -> Footprint:
    """A service of acme's development."""
    amount = None if monthly is None else Decimal(monthly)
    return Footprint(Commitment("acme", "dev", service, "acme-use1-dev", amount, state), size)


def quota(**most: int) -> Quota:
    """Of acme's development."""
    return Quota(Scope("acme", "dev"), {measure: Decimal(most[measure]) for measure in MEASURES if measure in most}, AT)


@pytest.mark.parametrize(
    ("measure", "used"),
    [("services", 2), ("vcpu", 4), ("memory_gib", 16), ("storage_gib", 200), ("monthly", 20)],
)
def test_each_measure_is_allowed_denied_or_undecided(measure: Measure, used: int) -> None:
    """By the sum of what is known, with what is asked for."""
    held = [holds("orders"), holds("photos", state="asked")]
    assert [(one.verdict, one.used) for one in taken([quota(**{measure: used})], held)] == [("allow", Decimal(used))]
    assert [one.verdict for one in taken([quota(**{measure: used - 1})], held)] == ["deny"]
    if measure != "services":
        unknown = [*held, holds("music", UNKNOWN, None)]
        [found] = taken([quota(**{measure: used})], unknown)
        assert (found.verdict, found.unknown) == ("undecided", ("music",))
        assert taken([quota(**{measure: used - 1})], unknown)[0].verdict == "deny"


def test_a_service_that_changes_counts_once() -> None:
    """As the larger of what it is and what it may be."""
    held = [holds("orders"), holds("orders", Capacity(Decimal(8), Decimal(8), Decimal(8)), state="asked")]
    assert [one.used for one in taken([quota(services=9, vcpu=9, storage_gib=999)], held)] == [
        Decimal(1), Decimal(8), Decimal(100),
    ]  # fmt: skip


def test_what_is_elsewhere_does_not_count() -> None:
    """Another stage's."""
    other = Footprint(Commitment("acme", "prod", "orders", "acme-use1-prod", Decimal(5), "applied"), SIZE)
    assert [one.used for one in taken([quota(vcpu=1)], [other])] == [Decimal(0)]


MACHINE = {"instance_type": "m5.large", "root_block_device": [{"volume_size": 50}]}
DATABASE = {"engine": "postgres", "instance_class": "db.r6g.large", "allocated_storage": 20}
TASK = change("aws_ecs_task_definition", after={"id": "t", "cpu": "512", "memory": "1024"})
SERVICE = {"launch_type": "FARGATE", "desired_count": 2, "task_definition": "t"}
BROKER = {"engine_type": "ActiveMQ", "host_instance_type": "mq.m5.large"}
HOSTED = {"desired_capacity": 3, "min_size": 1, "max_size": 9, "launch_template": [{"id": "lt"}]}
ON_HOST = {"id": "lt", "instance_type": "m5.large", "placement": [{"tenancy": "host"}]}
GROUP = {"desired_capacity": 3, "min_size": 1, "max_size": 9, "launch_template": [{"id": "lt"}]}


@pytest.mark.parametrize(
    ("changes", "size"),
    [
        ([change("aws_instance", after=MACHINE)], ("2", "8", "50")),
        ([change("aws_ebs_volume", after={"size": 30, "type": "gp3"})], ("0", "0", "30")),
        ([change("aws_db_instance", after=DATABASE)], ("2", "16", "20")),
        ([change("aws_autoscaling_group", after=GROUP), change("aws_launch_template", after={"id": "lt", **MACHINE})],
         ("6", "24", "0")),
        ([change("aws_ecs_service", after=SERVICE), TASK],
         ("1", "2", "0")),
        ([change("aws_autoscaling_group", after=HOSTED), change("aws_launch_template", after=ON_HOST)],
         ("6", "24", "0")),
        ([change("aws_autoscaling_group", after={**GROUP, "desired_capacity": 0, "min_size": 0}),
          change("aws_launch_template", after={"id": "lt", **MACHINE})], (None, None, "0")),
        ([change("aws_autoscaling_group", after={**GROUP, "desired_capacity": 0, "min_size": 0, "max_size": 0}),
          change("aws_launch_template", after={"id": "lt", **MACHINE})], ("0", "0", "0")),
        ([change("aws_eks_node_group", after={"scaling_config": [{"desired_size": 0, "max_size": 100}]})],
         (None, None, "0")),
        ([change("aws_eks_fargate_profile", after={})], (None, None, "0")),
        ([change("aws_instance", after={**MACHINE, "tenancy": "host"})], ("2", "8", "50")),
        ([change("aws_instance", after={"instance_type": "c5.metal"})], ("96", "192", "8")),
        ([change("aws_ec2_host", after={"instance_type": "m5.large"})], (None, None, "0")),
        ([change("aws_dms_replication_instance", after={
            "replication_instance_class": "dms.c5.xlarge", "allocated_storage": 150, "multi_az": True})],
         ("8", "16", "100")),
        ([change("aws_mwaa_environment", after={"environment_class": "mw1.small"})], (None, None, "0")),
        ([change("aws_mq_broker", after=BROKER)], ("2", "8", "0")),
        ([change("aws_mq_broker", after={**BROKER, "deployment_mode": "ACTIVE_STANDBY_MULTI_AZ"})],
         ("4", "16", "0")),
        ([change("aws_mq_broker", after={**BROKER, "engine_type": "RabbitMQ", "deployment_mode": "CLUSTER_MULTI_AZ"})],
         ("6", "24", "0")),
        ([change("aws_db_instance", after={**DATABASE, "multi_az": True})], ("4", "32", "40")),
        ([change("aws_elasticache_cluster", after={
            "node_type": "cache.m5.large", "engine": "redis", "num_cache_nodes": 1})],
         ("2", "8", "0")),
        ([change("aws_opensearch_domain", after={"cluster_config": [{"instance_type": "r5.large.search"}]})],
         ("2", "16", "0")),
        ([change("aws_lightsail_instance", after={"bundle_id": "large_2_0"})], (None, None, "0")),
        ([change("aws_redshift_cluster", after={"node_type": "ra3.xlplus"})], (None, None, "0")),
        ([change("aws_ecs_service", after=SERVICE),
          change("aws_ecs_task_definition", after={
              "id": "t", "cpu": "512", "memory": "1024", "ephemeral_storage": [{"size_in_gib": 30}]})],
         ("1", "2", "20")),
        ([change("aws_s3_bucket", after={}), change("aws_iam_role", after={})], ("0", "0", "0")),
        ([change("aws_instance", before=MACHINE)], ("0", "0", "0")),
        ([change("aws_gizmo", after={})], (None, None, None)),
        ([change("aws_instance", after={"instance_type": "zz9.plural"})], (None, None, "8")),
        ([change("aws_instance", after={**MACHINE, "instance_type": None}, after_unknown={"instance_type": True})],
         (None, None, None)),
        ([change("aws_ebs_volume", after={"type": "gp3"}, after_unknown={"size": True})], ("0", "0", None)),
    ],
)  # fmt: skip
def test_what_a_plan_takes_up(price: Estimate, changes: list[dict[str, Any]], size: tuple[str | None, ...]) -> None:
    """Machines by their type, tasks and disks by their size; what grows by use takes none; unknown is not zero."""
    plan = plan_of(*changes)
    del plan["configuration"]["root_module"]["resources"]
    found = capacity_of(price(plan)).as_json()
    assert tuple(found.values()) == size


_NO_MACHINES = {
    "", "AWS Directory Service", "AWS Firewall", "AWS Systems Manager", "AWS Transfer Family", "AWS Glue",
    "Amazon API Gateway Cache", "Client VPN", "Cloud Connectivity", "Compute", "DNS Query", "Dedicated-Host",
    "Direct Connect", "EBS Optimized", "Elastic Inference", "Extended Support", "Fast Snapshot Restore",
    "Global Accelerator", "Kinesis Firehose", "Kinesis Streams", "Load Balancer", "Load Balancer-Application",
    "Load Balancer-Gateway", "Load Balancer-Network", "NAT Gateway", "Traffic Mirroring", "Transit Gateway",
    "VPCPublicIPv4Address", "VpcEndpoint",
}  # fmt: skip
"""Families of prices by the hour of which nobody chooses the machine: AWS runs it."""


def test_each_price_by_the_hour_is_one_of_a_machine_or_of_none() -> None:
    """A builder that bills by the hour what nobody has put into either list would have its machines counted as none."""
    billed = {family for pair in pairs() for family in families(pair)}
    assert billed - _NO_MACHINES - set(MACHINES) == set()
    assert set(MACHINES) <= billed


def pairs() -> list[dict[str, Any]]:
    """Resources of every type that has a builder."""
    return [json.loads(file.read_text()) for file in sorted((Path(__file__).parent / "pairs").glob("*.json"))]


def families(pair: dict[str, Any]) -> Iterator[str]:
    """Of the prices by the hour that they are billed by."""
    usage = Usage({"resource_usage": pair.get("usage", {})})
    plan = plan_of(*(change(*address.split(".", 1), after=values) for address, values in pair["resources"].items()))
    for resource in PlanReader(plan, "us-east-1", date(2026, 11, 1)).resources("after", usage):
        if one := builder(resource.type):
            lines = _components(one.bill(resource))
            yield from (line.price.family for line in lines if line.unit == "hours")


def test_dollars_are_held_against_dollars() -> None:
    """Of another currency nobody knows how many dollars it is."""
    held = Commitment("acme", "dev", "orders", "acme-use1-dev", Decimal(5), "applied", "EUR")
    assert Footprint(held, SIZE).of("monthly") is None
    assert [one.verdict for one in taken([quota(monthly=9)], [Footprint(held, SIZE)])] == ["undecided"]


@pytest.mark.parametrize("size", ["lots", [8], {"gb": 8}, True])
def test_a_size_that_is_no_number_is_not_taken_for_the_default(price: Estimate, size: object) -> None:
    """A disk of 8 GB would fit everywhere: the estimate is partial, and so is what it takes up."""
    found = price(plan_of(change("aws_ebs_volume", after={"size": size, "type": "gp3"})))
    assert not summary(found).complete
    assert capacity_of(found).storage_gib is None


def test_a_region_that_is_no_text_is_not_taken_for_the_default(price: Estimate) -> None:
    """It would have the prices of another."""
    found = price(plan_of(change("aws_ebs_volume", after={"size": 8, "region": ["eu-west-1"]})))
    assert not summary(found).complete


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ([{**change("aws_ebs_volume", after={"size": 8}), "change": {"actions": ["create"], "after": None}}],
         "does not say of what"),
        ([change("aws_ebs_volume", after={"size": 8}), change("aws_ebs_volume", after={"size": 9})],
         "a second change of aws_ebs_volume.this"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_is_refused(price: Estimate, changes: list[dict[str, Any]], why: str) -> None:
    """Nothing to pay for, or half of it, would be its price."""
    with pytest.raises(Invalid, match=why):
        price(plan_of(*changes))


def test_a_machine_that_runs_for_some_hours_is_one(price: Estimate) -> None:
    """A quota is of what runs at a time."""
    said = {"aws_instance.this": {"monthly_hrs": 73}}
    assert capacity_of(price(plan_of(change("aws_instance", after=MACHINE)), said)).vcpu == Decimal(2)


def test_a_reserved_machine_is_as_large_as_any(price: Estimate) -> None:
    """However it is paid."""
    said = {
        "aws_instance.this": {
            "reserved_instance_type": "standard",
            "reserved_instance_term": "1_year",
            "reserved_instance_payment_option": "no_upfront",
        }
    }
    assert capacity_of(price(plan_of(change("aws_instance", after=MACHINE)), said)).memory_gib == Decimal(8)


def test_projects_add_up_and_a_foreign_one_is_unknown(price: Estimate) -> None:
    """Infracost's own document does not say."""
    one, other = price(plan_of(change("aws_instance", after=MACHINE))), price(plan_of(), project="b/c")
    assert capacity_of(combine([one, other])).vcpu == Decimal(2)
    del other["projects"][0]["metadata"]["capacity"]
    assert capacity_of(combine([one, other])) == UNKNOWN
