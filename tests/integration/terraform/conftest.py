"""A platform of three tiny components, and a terraform that works on them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Position
from gaia.kit.process import child_environment
from gaia.kit.redact import Redactor
from gaia.settings import Settings
from gaia.stacks.model import Instance, InstanceKey, Origin, Reference
from gaia.terraform.command import Terraform
from gaia.terraform.tool import find_tool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.sandbox import Sandbox

PARAMETER = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "name" {}
variable "value" {
  default = "s3:GetObject"
}
variable "secret" {
  default   = "hunter2-not-this"
  sensitive = true
}
resource "aws_iam_policy" "this" {
  name   = var.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = var.value, Resource = "*" }]
  })
}
resource "terraform_data" "secret" {
  input = var.secret
}
output "arn" {
  value = aws_iam_policy.this.arn
}
output "password" {
  value     = var.secret
  sensitive = true
}
output "parts" {
  value = { list = [aws_iam_policy.this.id, "b"] }
}
"""
GROUP = """
variable "name" {}
variable "policy" {}
variable "password" {
  default = ""
}
variable "tags" {
  default = {}
}
resource "aws_iam_group" "this" {
  name = var.name
}
resource "aws_iam_group_policy_attachment" "this" {
  group      = aws_iam_group.this.name
  policy_arn = var.policy
}
resource "terraform_data" "password" {
  input = var.password
}
output "name" {
  value = aws_iam_group.this.name
}
"""
SERVICE = """
variable "name" {}
variable "containers" {}
resource "aws_ecs_service" "this" {
  name    = var.name
  cluster = "c"
  dynamic "load_balancer" {
    for_each = var.containers
    content {
      container_name   = load_balancer.value
      container_port   = 80
      target_group_arn = load_balancer.key
    }
  }
}
"""


@pytest.fixture
def terraform(emulator: Sandbox, tmp_path: Path) -> Terraform:
    """A Terraform whose cloud is the emulator."""
    settings = Settings.capture(os.environ, tmp_path)
    environ = child_environment(
        os.environ,
        AWS_ENDPOINT_URL=emulator.url,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_REGION="us-east-1",
        AWS_EC2_METADATA_DISABLED="true",
    )
    return Terraform(find_tool(settings), home=tmp_path / "home", environ=environ, redact=Redactor())


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The components `parameter`, `group` and `service`."""
    for name, code in (("parameter", PARAMETER), ("group", GROUP), ("service", SERVICE)):
        (tmp_path / "tree" / name).mkdir(parents=True)
        (tmp_path / "tree" / name / "main.tf").write_text(code)
    return tmp_path / "tree"


class NoProvenance:
    """Everything is in the first line."""

    def explain(self, path: object) -> Origin:
        """Asked where a value is that terraform refuses."""
        del path
        return Origin(None, Position("stacks/dev.yaml", 1), ())

    def describe(self) -> dict[str, object]:
        """Not used."""
        raise NotImplementedError

    def listing(self) -> dict[str, object]:
        """Not used."""
        raise NotImplementedError


@pytest.fixture
def make(request: pytest.FixtureRequest) -> Callable[..., Instance]:
    """Make an instance with a workspace of this test's own beside those of others."""
    prefix = request.node.name.replace("[", "-").replace("]", "")

    def build(name: str, component: str, variables: Mapping[str, object], **other: object) -> Instance:
        fields: dict[str, object] = {
            "key": InstanceKey("t-dev", name),
            "component_path": component,
            "vars": variables,
            "settings": {},
            "env": {},
            "metadata": {},
            "providers": {"aws": {"region": "us-east-1"}},
            "backend_type": "s3",
            "backend": {
                "bucket": "state",
                "key": "terraform.tfstate",
                "region": "us-east-1",
                "use_lockfile": True,
                "workspace_key_prefix": component,
            },
            "dependencies": {},
            "workspace": f"{prefix}-{name}",
            "command": "terraform",
            "inheritance": (),
            "imports": (),
            "manifest": "t/dev",
            "varfile_name": f"t-dev-{name}.terraform.tfvars.json",
            "planfile_name": f"t-dev-{name}.planfile",
            "abstract": False,
            "enabled": True,
            "references": tuple(
                (("vars", key), value) for key, value in variables.items() if isinstance(value, Reference)
            ),
            "provenance": NoProvenance(),
        }
        return Instance(**(fields | other))  # type: ignore[arg-type]

    return build
