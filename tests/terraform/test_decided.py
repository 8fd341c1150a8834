"""What the policies say of every kind of stack before anything is there: nothing is denied, hardly anything undecided.

Whatever is undecided of an instance's own plan, whose inputs are known, parks its application. A policy must not
hold an attribute of the same instance that AWS chooses: its ARN is written out instead.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.terraform.offline import COMPONENTS, Terraform
from tests.terraform.test_stacks import BLUEPRINT, INSTANCES, mocks, runs

from gaia.kit import hcl
from gaia.policy.judge import judge_each
from gaia.policy.regorus import Regorus
from gaia.policy.rules import PolicySet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.stacks.model import Instance

OPEN = {"tfstate-backend": {"aws_iam_role_policy.replication[0]"}}
"""What an instance's own apply decides: the ARN of a key holds an id that AWS chooses, and a grant has to name it."""
BOUNDED_IN_THEIR_CODE = ("deployer-role", "iam")
"""Whose roles an administrator makes: theirs are the boundaries, and who deploys cannot make them."""
_REFERENCE = re.compile(r"\b(?:data\.)?[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*(?:\[[^]]*\])?(?:\.[a-z][a-z0-9_]*)?")


@pytest.mark.parametrize("component", sorted(INSTANCES))
def test_policies_decide(ready: Callable[[str], Path], terraform: Terraform, component: str) -> None:
    """Each instance's own plan, as it is before anything is there, is allowed, and nothing of it is known too late.

    Each of its roles has a boundary that the account's `access` makes, which whoever deploys has to give it.
    """
    folder = ready(component)
    file = folder / "tests/decided.tftest.hcl"
    # What AWS chooses stays unknown, as it is while a real provider plans.
    head = re.sub(r"^ *override_during *= *plan\n", "", mocks(component), flags=re.MULTILINE)
    file.write_text(f"{head}\n{runs(component)}", "utf-8")
    try:
        done = terraform(folder, "test", "-json", "-verbose", f"-filter=tests/{file.name}")
    finally:
        file.unlink()
    plans = [json.loads(line)["test_plan"] for line in done.stdout.splitlines() if '"type":"test_plan"' in line]
    assert len(plans) == len(INSTANCES[component]), done.stdout[-5000:] + done.stderr
    if component not in BOUNDED_IN_THEIR_CODE:
        assert [name for plan, one in zip(plans, INSTANCES[component], strict=True) for name in _free(plan, one)] == []
    code = {"root_module": {"resources": _resources(COMPONENTS / component)}}
    documents = [
        {
            "resource_changes": plan["resource_changes"],
            "configuration": code,
            "gaia": {name: one.vars[name] for name in ("stage", "tenant")},
        }
        for plan, one in zip(plans, INSTANCES[component], strict=True)
    ]
    policies = PolicySet.load(BLUEPRINT / "policies")
    found = judge_each(policies, "plan", documents, engine=Regorus(), effects=("deny", "undecided"))
    said = [
        f"{one.key}: {finding.effect} {finding.rule} {finding.address}: {finding.message}"
        for one, findings in zip(INSTANCES[component], found, strict=True)
        for finding in findings
        if finding.effect == "deny" or finding.address not in OPEN.get(component, ())
    ]
    assert said == []


def _free(plan: Mapping[str, Any], one: Instance) -> list[str]:
    """Roles without a boundary of their account."""
    wanted = re.compile(f":policy/boundary/{one.vars['tenant']}-{one.vars['stage']}-access-(platform-)?boundary$")
    return [
        f"{one.key}: {each['address']}"
        for each in plan["resource_changes"]
        if each["type"] == "aws_iam_role"
        if not wanted.search(each["change"]["after"].get("permissions_boundary") or "")
    ]


def _resources(folder: Path) -> list[dict[str, Any]]:
    """The resources of a component as a plan's configuration has them: what each attribute's expression refers to."""
    blocks = [
        block for file in sorted(folder.glob("*.tf")) for block in hcl.parse(file.read_text("utf-8"), file.name).blocks
    ]
    return [
        {"address": ".".join(block.labels), "mode": "managed", "expressions": _expressions(block)}
        for block in blocks
        if block.type == "resource"
    ]


def _expressions(block: hcl.Block) -> Mapping[str, object]:
    found: dict[str, Any] = {
        name: {"references": _REFERENCE.findall(one.text)} for name, one in block.attributes.items()
    }
    for inner in block.blocks:
        if inner.type not in ("dynamic", "lifecycle"):
            found.setdefault(inner.type, []).append(_expressions(inner))
    return found
