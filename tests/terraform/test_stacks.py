"""The stacks of the blueprint against the code: what each stage configures is accepted by its components."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.terraform.offline import COMPONENTS, Terraform

from gaia.stacks.model import Reference
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.stacks.model import Instance

BLUEPRINT = Path(__file__).resolve().parents[2] / "blueprint"
STACKS = ("acme-use1-dev", "acme-use1-staging", "acme-use1-prod", "acme-euw1-prod")
"""One of each kind; a unit test holds the tenants to the same."""
_KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
GIVEN: dict[str, object] = {
    "key_arn": _KEY,
    "vpc_id": "vpc-0a1b2c3d4e5f60718",
    "public_subnet_ids": [f"subnet-{zone}a1b2c3d4e5f60718" for zone in range(3)],
    "private_subnet_ids": [f"subnet-{zone}b1b2c3d4e5f60718" for zone in range(3)],
    "isolated_subnet_ids": [f"subnet-{zone}c1b2c3d4e5f60718" for zone in range(3)],
    "security_group_id": "sg-0a1b2c3d4e5f60718",
    "cluster_security_group_id": "sg-1a1b2c3d4e5f60718",
    "cluster_name": "acme-use1-prod-apps",
    "cluster_arn": "arn:aws:eks:us-east-1:123456789012:cluster/acme-use1-prod-apps",
    "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/0b6f3a52-8f7e-4f0a-9f0d-0d0d0d0d0d0d",
    "topic_arn": "arn:aws:sns:us-east-1:123456789012:acme-use1-prod-topic",
    "queue_arn": "arn:aws:sqs:us-east-1:123456789012:acme-use1-prod-queue",
    "table_arn": "arn:aws:dynamodb:us-east-1:123456789012:table/acme-use1-prod-table",
    "permissions_boundary_arn": "arn:aws:iam::123456789012:policy/boundary/acme-prod-access-boundary",
    "platform_boundary_arn": "arn:aws:iam::123456789012:policy/boundary/acme-prod-access-platform-boundary",
    "log_bucket_name": "acme-prod-tfstate-logs",
    "bucket_arn": "arn:aws:s3:::acme-bucket",
    "bucket_name": "acme-bucket",
    "vault_arn": "arn:aws:backup:eu-west-1:123456789012:backup-vault:acme-euw1-prod-vault",
    ".secret_arns.payment": "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-use1-prod-shop-payment-AbCdEf",
}
"""What outputs will give, by the expressions that read them."""


def _instances() -> dict[str, list[Instance]]:
    repository = Repository.open(BLUEPRINT)
    found: dict[str, list[Instance]] = {}
    for key in repository.instances:
        instance = repository.instance(key.component, key.stack)
        if key.stack in STACKS and instance.enabled:
            found.setdefault(instance.component_path, []).append(instance)
    return found


INSTANCES = _instances()


def _given(value: object) -> object:
    if isinstance(value, Reference):
        return GIVEN[value.expression]
    if isinstance(value, dict):
        return {key: _given(inner) for key, inner in value.items()}
    return [_given(inner) for inner in value] if isinstance(value, list) else value


def mocks(component: str) -> str:
    """What the component's own tests pretend, without their variables."""
    head = (COMPONENTS / component / "tests/defaults.tftest.hcl").read_text("utf-8").partition("\nrun ")[0]
    head = re.sub(r"^variables \{\n.*?^\}\n", "", head, flags=re.MULTILINE | re.DOTALL)
    proof = re.search(r"^ *\{ domain_name = \"shop.*\n", head, re.MULTILINE)
    if proof is None:
        return head
    # A certificate is proven for each of its names, so the pretended AWS has to know those.
    domains = [str(one.vars["domain_name"]) for one in INSTANCES[component]]
    return head.replace(proof[0], "".join(proof[0].replace("shop.example.com", one) for one in domains))


def runs(component: str) -> str:
    """A plan of each instance of the component, in their order."""
    return "".join(
        f'run "{str(one.key).replace("/", "_")}" {{\n  command = plan\n  variables {{\n'
        + "".join(f"    {name} = {json.dumps(_given(value))}\n" for name, value in one.vars.items())
        + "  }\n}\n"
        for one in INSTANCES[component]
    )


@pytest.mark.parametrize("component", sorted(INSTANCES))
def test_what_stages_configure_is_accepted(ready: Callable[[str], Path], terraform: Terraform, component: str) -> None:
    """No validation, and no rule of a stage, refuses an instance of any kind of stack."""
    folder = ready(component)
    file = folder / "tests/stacks.tftest.hcl"
    file.write_text(f"{mocks(component)}\n{runs(component)}", "utf-8")
    try:
        done = terraform(folder, "test", "-json", "-filter=tests/stacks.tftest.hcl")
    finally:
        file.unlink()
    said = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = [one.get("diagnostic", one) for one in said if one.get("@level") in ("error", "warn")]
    assert wrong == []
    finished = [one["test_run"] for one in said if one.get("type") == "test_run"]
    assert {one["run"] for one in finished if one.get("status") == "pass"} == {
        str(one.key).replace("/", "_") for one in INSTANCES[component]
    }
