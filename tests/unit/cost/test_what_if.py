"""Other values of variables, priced without another plan where that is the same as with one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gaia.cost.what_if import NeedsPlan, between, changed
from gaia.errors import Invalid

from .conftest import change

if TYPE_CHECKING:
    from .conftest import Estimate

AFTER = {"region": "us-east-1", "engine": "postgres", "instance_class": "db.r6g.large", "allocated_storage": 20}


def plan(*, expressions: dict[str, Any] | None = None, deep: bool = False, **more: Any) -> dict[str, Any]:
    """A database whose class and size are variables; `deep`: in a module, under another name."""
    own = {"instance_class": {"references": ["var.class"]}, "allocated_storage": {"references": ["var.size"]}}
    kind = "aws_db_instance"
    database = {
        "address": f"{kind}.this", "mode": "managed", "type": kind, "name": "this",
        "expressions": {**own, "tags": {"references": ["local.tags"]}, **(expressions or {})},
    }  # fmt: skip
    module: dict[str, Any] = {"resources": [database], "variables": {"class": {}, "size": {"default": 20}}, **more}
    resource = change("aws_db_instance", after=dict(AFTER))
    if deep:
        call = {"expressions": {name: {"references": [f"var.{name}"]} for name in ("class", "size")}, "module": module}
        module = {"module_calls": {"db": call}, "variables": module["variables"]}
        resource |= {"address": f"module.db.{resource['address']}", "module_address": "module.db"}
    return {
        "format_version": "1.2",
        "variables": {"class": {"value": "db.r6g.large"}},
        "configuration": {"root_module": module},
        "resource_changes": [resource],
    }


@pytest.mark.parametrize("deep", [False, True])
def test_it_costs_what_a_plan_with_the_values_costs(price: Estimate, deep: bool) -> None:
    """Through calls of modules too, and for a variable that has its default; before is what the plan leads to."""
    given = plan(deep=deep)
    found = price(changed(given, {"class": "db.r6g.xlarge", "size": 100}))
    other = plan(deep=deep)
    other["resource_changes"][0]["change"]["after"] |= {"instance_class": "db.r6g.xlarge", "allocated_storage": 100}
    assert found["totalMonthlyCost"] == price(other)["totalMonthlyCost"]
    assert found["pastTotalMonthlyCost"] == price(given)["totalMonthlyCost"]
    assert float(found["diffTotalMonthlyCost"]) > 0


def test_the_same_value_changes_nothing(price: Estimate) -> None:
    """Of what is unknown in both too."""
    given = plan()
    del given["resource_changes"][0]["change"]["after"]["engine"]
    given["resource_changes"][0]["change"]["after_unknown"] = {"engine": True}
    found = price(changed(given, {"class": "db.r6g.large"}))
    assert found["diffTotalMonthlyCost"] == "0"
    assert found["projects"][0]["diff"]["resources"] == []


REPLICA = {"address": "aws_db_instance.copy", "mode": "managed", "type": "aws_db_instance", "name": "copy"}
CLASS = "aws_db_instance.this.instance_class"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (plan(expressions={"instance_class": {"references": ["var.class", "var.stage"]}}), "class and more"),
        (plan(expressions={"instance_class": {"references": ["local.class"]}}), "a local"),
        (plan(expressions={"iops": {"references": ["local.iops"]}}), "a local"),
        (plan(expressions={"instance_class": {"constant_value": "x"}}), "no attribute"),
        (plan(resources=[{**REPLICA, "count_expression": {"references": ["var.class"]}}]), "how many"),
        (plan(deep=True, outputs={"class": {"expression": {"references": ["var.class"]}}}), "the output"),
        (plan(deep=True, outputs={"class": {"expression": {"references": [CLASS, CLASS[:20]]}}}), "something else"),
        ({**plan(), "variables": {"class": {"value": "R6G.LARGE"}}}, "not the variable as it is"),
    ],
)  # fmt: skip
def test_what_only_a_plan_tells_is_not_guessed(given: dict[str, Any], why: str) -> None:
    """Expressions that may compute something, locals that it may be behind, counts, what others are made of."""
    with pytest.raises(NeedsPlan, match=why):
        changed(given, {"class": "db.r6g.xlarge"})


@pytest.mark.parametrize(
    ("name", "value"),
    [("size", "much"), ("size", None), ("size", True), ("size", [100]), ("class", None), ("class", ["db.r6g.xlarge"])],
)
def test_a_value_that_the_attribute_does_not_take_is_not_priced(name: str, value: object) -> None:
    """Terraform refuses it, or the provider decides: neither is priced as if nothing had been said."""
    with pytest.raises(NeedsPlan, match=r"aws_db_instance\.this\..* is no such thing"):
        changed(plan(), {name: value})


@pytest.mark.parametrize("value", [100, "100", 100.0])
def test_a_number_may_be_a_text_as_terraform_takes_it(price: Estimate, value: object) -> None:
    """And the other way round."""
    found = price(changed(plan(), {"size": value}))
    assert found["totalMonthlyCost"] == price(changed(plan(), {"size": 100}))["totalMonthlyCost"]


def test_a_copy_of_the_attribute_needs_a_plan() -> None:
    """A replica takes the class of its source."""
    given = plan()
    copy = {**REPLICA, "expressions": {"instance_class": {"references": [CLASS, "aws_db_instance.this"]}}}
    given["configuration"]["root_module"]["resources"].append(copy)
    with pytest.raises(NeedsPlan, match="something else is made of"):
        changed(given, {"class": "db.r6g.xlarge"})


def test_a_variable_that_is_not_there_is_refused() -> None:
    """Before anything is planned, with those that are there."""
    with pytest.raises(Invalid, match="no variable clas") as caught:
        changed(plan(), {"clas": "x"})
    assert caught.value.next_step == "It has class, size."


def test_between_two_plans_resources_come_and_go(price: Estimate) -> None:
    """What the second has no more is gone, what it has first is new."""
    first, second = plan(), plan()
    second["resource_changes"][0] |= {"address": "aws_db_instance.other", "name": "other"}
    found = price(between(first, second))
    assert found["pastTotalMonthlyCost"] == found["totalMonthlyCost"] == price(first)["totalMonthlyCost"]
    assert {one["name"] for one in found["projects"][0]["diff"]["resources"]} == {
        "aws_db_instance.this", "aws_db_instance.other",
    }  # fmt: skip


@pytest.mark.parametrize("value", [-5, "-5", "abc", 10**30, "NaN", True])
def test_what_is_no_quantity_needs_a_plan(value: object) -> None:
    """Terraform says what it makes of it; it is neither a saving nor a default."""
    with pytest.raises(NeedsPlan, match="is no such thing"):
        changed(plan(), {"size": value})


def test_a_sensitive_value_is_not_told() -> None:
    """Neither where it is not the variable's, nor where the other does not fit."""
    given = plan()
    given["resource_changes"][0]["change"]["after_sensitive"] = {"instance_class": True}
    for mine, value in (("db.other", "x"), ("db.r6g.large", [1])):
        given["variables"]["class"]["value"] = mine
        with pytest.raises(NeedsPlan) as caught:
            changed(given, {"class": value})
        assert "r6g" not in str(caught.value)
        assert "(sensitive)" in str(caught.value)
