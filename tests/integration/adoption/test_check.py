"""`gaia adopt --check` on states that plain terraform made, in the emulated AWS."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.adoption.conftest import Team

pytestmark = [pytest.mark.cloud, pytest.mark.long(2)]

PARAMETER = """
variable "region" { default = "us-east-1" }
variable "name" {}
variable "value" { default = "v" }
provider "aws" {
  region = var.region
  default_tags {
    tags = { by = "team-${var.region}" }
  }
}
resource "aws_ssm_parameter" "this" {
  name  = var.name
  type  = "String"
  value = var.value
}
output "name" { value = aws_ssm_parameter.this.name }
"""
STACK = """
vars: {stage: dev, region: us-east-1}
terraform:
  backend_type: s3
  backend: {s3: {bucket: BUCKET, key: t.tfstate, region: us-east-1, use_path_style: true}}
components:
  terraform:
    parameter: {metadata: {type: abstract}}
    same: {metadata: {component: parameter}, vars: {name: /BUCKET/same}}
    other: {metadata: {component: plain}, vars: {name: VALUE}}
    drifted: {metadata: {component: parameter}, vars: {name: /BUCKET/drifted}}
    alone: {}
    off: {metadata: {component: plain, enabled: false}}
    new: {metadata: {component: parameter}, vars: {name: /BUCKET/new}}
    plain: {vars: {name: !terraform.state same name}}
    unknown: {metadata: {component: plain}, vars: {name: !terraform.state same nothing}}
"""


def gaia(team: Team, *words: str) -> tuple[int, Any]:
    """Exit code and document of a command in the checkout."""
    line = [sys.executable, "-m", "gaia", *words, "--output", "json"]
    done = subprocess.run(line, cwd=team.root, env=team.settings.environ, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout or done.stderr)


@pytest.fixture
def adopted(team: Team) -> Team:
    """The team's repository with states of all kinds."""
    stack = STACK.replace("BUCKET", team.bucket)
    team.write("components/terraform/parameter/main.tf", PARAMETER)
    plain = 'variable "name" {}\nresource "terraform_data" "this" { input = var.name }\n'
    team.write("components/terraform/plain/main.tf", plain)
    own = 'resource "terraform_data" "this" { input = terraform.workspace }\n'
    team.write("components/terraform/alone/main.tf", own)
    team.write("stacks/dev.yaml", stack.replace("VALUE", "one"))
    for name in ("same", "drifted", "other", "alone"):
        team.atmos(name, "dev", "apply", "-auto-approve")
    for name, value in (("plain", f"/{team.bucket}/same"), ("unknown", "x")):
        team.atmos(name, "dev", "apply", "-auto-approve", name=value)
    team.write("stacks/dev.yaml", stack.replace("VALUE", "two"))
    team.client("ssm").put_parameter(Name=f"/{team.bucket}/drifted", Value="by hand", Overwrite=True)
    return team


def test_check_says_of_each_instance_what_adopting_it_would_find(adopted: Team) -> None:
    """One plan for all that can be planned together, one for what can only be planned alone.

    Nothing is written into the checkout, and nothing is registered.
    """
    before = {path: path.read_bytes() for path in adopted.root.rglob("*") if path.is_file()}
    code, report = gaia(adopted, "adopt", "--check")
    found = {one["instance"].partition("/")[2]: one for one in report["instances"]}
    assert not [one["reason"] for one in found.values() if one["code"] not in (None, "value-unresolved")]
    assert {name: one["status"] for name, one in found.items()} == {
        "same": "empty", "other": "differs", "drifted": "drifts", "new": "no state", "plain": "empty",
        "unknown": "refused", "alone": "empty",
    }  # fmt: skip
    assert code == 2
    assert found["other"]["differences"] == [
        {"address": "terraform_data.this", "action": "update", "attributes": ["input", "output"], "drift": False}
    ]
    assert found["unknown"]["code"] == "value-unresolved"
    assert report["plans"] == 2
    assert report["left_out"] == 1
    assert {path: path.read_bytes() for path in adopted.root.rglob("*") if path.is_file()} == before
    assert not (adopted.settings.home / "repositories.json").exists()
    assert not list((adopted.settings.home / "repos").glob("*/adopt/*"))


def test_what_left_the_code_is_a_difference(team: Team) -> None:
    """Of a provider that is built in and of AWS, whose two configurations are in one plan with it."""
    more = 'resource "aws_ssm_parameter" "gone" {\n  name = "${var.name}-2"\n  type = "String"\n  value = "v"\n}\n'
    built_in = 'resource "terraform_data" "kept" {}\n'
    two = {"here": "us-east-1", "there": "eu-west-1"}
    code = team.write("components/terraform/parameter/main.tf", PARAMETER + more)
    data = team.write("components/terraform/data/main.tf", built_in + built_in.replace("kept", "gone"))
    lines = [
        f"    {name}: {{metadata: {{component: parameter}}, vars: {{name: /{team.bucket}/{name}, region: {region}}}}}\n"
        for name, region in two.items()
    ]
    team.write("stacks/dev.yaml", f"vars: {{stage: dev}}\ncomponents:\n  terraform:\n    data: {{}}\n{''.join(lines)}")
    for name in ("data", *two):
        team.atmos(name, "dev", "apply", "-auto-approve")
    code.write_text(PARAMETER)
    data.write_text(built_in)
    status, report = gaia(team, "adopt", "--check")
    found = {one["instance"]: (one["status"], one["differences"] or one["reason"]) for one in report["instances"]}
    gone = {"action": "delete", "attributes": [], "drift": False}
    parameter = ("differs", [{"address": "aws_ssm_parameter.gone", **gone}])
    assert found == {
        "dev/data": ("differs", [{"address": "terraform_data.gone", **gone}]),
        **{f"dev/{name}": parameter for name in two},
    }
    assert (status, report["plans"]) == (2, 1)
