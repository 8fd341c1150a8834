"""Quotas of a tenant's stage, and the capacity of plans that they are held against."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cost.budgets import Commitment, Scope
from gaia.cost.capacity import UNKNOWN, Capacity, capacity_of
from gaia.cost.combine import combine
from gaia.cost.quotas import MEASURES, Footprint, Quota, taken
from gaia.errors import Position

from .conftest import change, plan_of

if TYPE_CHECKING:
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


def test_what_is_elsewhere_or_gone_does_not_count() -> None:
    """Another stage, and what was released."""
    other = Footprint(Commitment("acme", "prod", "orders", "acme-use1-prod", Decimal(5), "applied"), SIZE)
    assert [one.used for one in taken([quota(vcpu=1)], [other, holds("x", state="released")])] == [Decimal(0)]


MACHINE = {"instance_type": "m5.large", "root_block_device": [{"volume_size": 50}]}
DATABASE = {"engine": "postgres", "instance_class": "db.r6g.large", "allocated_storage": 20}
TASK = change("aws_ecs_task_definition", after={"id": "t", "cpu": "512", "memory": "1024"})
SERVICE = {"launch_type": "FARGATE", "desired_count": 2, "task_definition": "t"}
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
