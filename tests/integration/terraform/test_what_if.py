"""What-if against real plans: a changed variable costs what terraform's own plan with that value costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gaia.cost.book import PriceBook
from gaia.cost.estimate import estimate
from gaia.cost.what_if import NeedsPlan, changed
from gaia.terraform.workdir import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.stacks.model import Instance
    from gaia.terraform.command import Terraform

pytestmark = pytest.mark.cloud
CODE = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "kind" {}
variable "disk" {}
variable "class" {}
variable "number" {}
variable "fifo" {}
variable "memory" {}
resource "aws_instance" "this" {
  ami           = "ami-12345678"
  instance_type = var.kind
  root_block_device {
    volume_type = "gp3"
    volume_size = var.disk
  }
}
resource "aws_db_instance" "this" {
  engine              = "postgres"
  instance_class      = var.class
  allocated_storage   = var.disk
  username            = "u"
  password            = "not-a-secret"
  skip_final_snapshot = true
}
resource "aws_ebs_volume" "this" {
  count             = var.number
  availability_zone = "us-east-1a"
  size              = 10
}
resource "aws_lambda_function" "this" {
  function_name = "f"
  role          = "arn:aws:iam::123456789012:role/r"
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.us-east-1.amazonaws.com/f:1"
  memory_size   = var.memory
}
resource "aws_sqs_queue" "this" {
  name       = var.fifo ? "q.fifo" : "q"
  fifo_queue = var.fifo
}
"""
VALUES = {"kind": "m5.large", "disk": 50, "class": "db.t3.medium", "number": 1, "fifo": False, "memory": 128}
USAGE = {
    "resource_usage": {
        "aws_lambda_function.this": {"monthly_requests": 1_000_000, "request_duration_ms": 100},
        "aws_sqs_queue.this": {"monthly_requests": 1_000_000},
    }
}
MAPPED = {"kind": "c5.xlarge", "disk": 80, "class": "db.r6g.large", "memory": 512}
PLANNED = {"number": 3, "fifo": True}
"""A count, and a part of an expression."""


def priced(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Its breakdown, and that of before."""
    document = estimate(plan, usage=USAGE, book=PriceBook.open(), project="p", region_default="us-east-1")
    (project,) = document["projects"]
    return {part: project[part] for part in ("breakdown", "pastBreakdown")}


def test_what_if_costs_what_terraforms_own_plan_costs(
    terraform: Terraform, tree: Path, make: Callable[..., Instance], tmp_path: Path
) -> None:
    """Line by line, for each variable that goes as it is into attributes; the others are said to need a plan."""
    (tree / "priced").mkdir()
    (tree / "priced/main.tf").write_text(CODE)
    instance = make("priced", "priced", VALUES)

    def planned(**values: object) -> Mapping[str, Any]:
        given = {**VALUES, **values}
        wd = prepare(tmp_path / "w", tree_source=tree, instance=instance, variables=given)
        terraform.init(wd)
        return terraform.plan(wd).raw

    now = planned()
    for name, value in MAPPED.items():
        found = priced(changed(now, {name: value}))
        assert found["breakdown"] == priced(planned(**{name: value}))["breakdown"], name
        assert found["pastBreakdown"] == priced(now)["breakdown"]
        assert found["breakdown"]["totalMonthlyCost"] != found["pastBreakdown"]["totalMonthlyCost"]
    for name, value in PLANNED.items():
        with pytest.raises(NeedsPlan):
            changed(now, {name: value})
