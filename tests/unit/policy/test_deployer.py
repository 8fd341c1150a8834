"""Who deploys production may hand each role that its components make to the service that takes it on, and no other."""

from __future__ import annotations

import json

from tests.unit.policy.conftest import POLICIES
from tests.unit.policy.flips.flipping import whole

from gaia.kit import hcl
from gaia.stacks.repository import Repository


def test_each_role_may_be_handed_to_its_service() -> None:
    """`passed_roles` of the deployer says exactly what the recorded plan of the stack makes. The roles of replication
    and of those who deploy are an administrator's; EKS takes the nodes' role and hands it on."""
    made: dict[str, set[str]] = {}
    for resource in whole("prod")["resource_changes"]:
        if resource["type"] != "aws_iam_role" or resource["module_address"] in ("module.state", "module.deployer"):
            continue
        trust = json.loads(resource["change"]["after"]["assume_role_policy"])
        for statement in trust["Statement"]:
            if service := statement["Principal"].get("Service"):
                made.setdefault(service, set()).add(resource["change"]["after"]["name"])
    made["eks.amazonaws.com"] |= made["ec2.amazonaws.com"]
    deployer = Repository.open(POLICIES.parent).instance("deployer", "acme-use1-prod")
    passed = deployer.vars["passed_roles"]
    assert isinstance(passed, dict)
    assert {service: set(roles) for service, roles in passed.items()} == made


def test_every_role_can_have_a_boundary() -> None:
    """Whoever deploys makes no role without one. The role for emergencies can do everything, and has none."""
    without = {
        f"{file.parent.name} {block.labels[1]}"
        for file in (POLICIES.parent / "components/terraform").glob("*/*.tf")
        for block in hcl.parse(file.read_text("utf-8"), file.name).blocks
        if block.type == "resource" and block.labels[0] == "aws_iam_role"
        if "permissions_boundary" not in block.attributes
    }
    assert without == {"iam break_glass"}
