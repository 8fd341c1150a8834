"""A stack with the mixin `sandbox` talks to the emulator and to nobody else: the kernel is asked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gaia.settings import Settings
from gaia.terraform.providers import write_cli_config
from gaia.terraform.tool import find_tool

if TYPE_CHECKING:
    from tests.conftest import RequireTool

HERE = Path(__file__).parent
MIXIN = HERE.parents[2] / "blueprint/stacks/mixins/sandbox.yaml"
pytestmark = [pytest.mark.cloud, pytest.mark.long(2)]

CODE = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_availability_zones" "this" {}

# Their addresses: an account before the host, a bucket before the host, one for all regions, one of its own.
resource "aws_s3_account_public_access_block" "this" {}

resource "aws_s3_bucket" "this" {
  bucket        = "things-of-everybody"
  force_destroy = true
}

resource "aws_s3_object" "this" {
  bucket  = aws_s3_bucket.this.id
  key     = "a/b c"
  content = "hello"
}

resource "aws_iam_role" "this" {
  name               = "things"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_budgets_budget" "this" {
  name         = "things"
  budget_type  = "COST"
  limit_amount = "1"
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
}

resource "aws_ce_anomaly_monitor" "this" {
  name              = "things"
  monitor_type      = "DIMENSIONAL"
  monitor_dimension = "SERVICE"
}

resource "aws_accessanalyzer_analyzer" "this" {
  analyzer_name = "things"
}

resource "aws_sns_topic" "this" {
  name = "things"
}

resource "aws_cloudwatch_log_group" "this" {
  name = "things"
}

resource "aws_ecr_repository" "this" {
  name = "things"
}

resource "aws_dynamodb_table" "this" {
  name         = "things"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
"""
FILES = {
    "atmos.yaml": (
        "components: {terraform: {base_path: components/terraform}}\n"
        "stacks: {base_path: stacks, included_paths: ['dev*'], name_pattern: '{stage}'}\n"
    ),
    "stacks/dev.yaml": (
        "import: [mixins/sandbox]\n"
        "vars: {stage: dev}\n"
        "terraform:\n"
        "  backend_type: s3\n"
        "  backend: {s3: {bucket: acme-dev-tfstate, key: terraform.tfstate, region: us-east-1, use_lockfile: true}}\n"
        "  providers: {aws: {region: us-east-1, assume_role: {role_arn: 'arn:aws:iam::222222222222:role/deployer'}}}\n"
        "components: {terraform: {things: {}}}\n"
    ),
    "components/terraform/things/main.tf": CODE,
}


def test_nothing_leaves_the_loopback_interface(tmp_path: Path, require_tool: RequireTool) -> None:
    """Made, looked at and unmade in a network of its own, in another account by a role: not one packet wanted out.

    Without the emulator the stack is refused. That the kernel counts is shown by somebody who does want out.
    """
    unshare = require_tool("unshare", optional=True)
    alone = [str(unshare), "--user", "--map-root-user", "--net"]
    if subprocess.run([*alone, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("optional: this machine lets nobody have a network of their own")
    for name, text in {**FILES, "stacks/mixins/sandbox.yaml": MIXIN.read_text()}.items():
        (tmp_path / "repository" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "repository" / name).write_text(text)
    tool = find_tool(Settings.capture(os.environ, tmp_path / "home"))
    environ = {
        **os.environ,
        "GAIA_TERRAFORM": str(tool.path),
        "TF_CLI_CONFIG_FILE": str(write_cli_config(tmp_path / "home", tool, os.environ)),
        "AWS_PROFILE": "mine",
    }
    shutil.rmtree(tmp_path / "home" / "sandbox", ignore_errors=True)
    line = [*alone, sys.executable, str(HERE / "alone.py"), str(tmp_path)]
    done = subprocess.run(line, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert [code for code, _ in found["done"]] == [0] * 5, "\n".join(text for _, text in found["done"])
    assert (found["went"], found["asked"]) == (0, 0)
    assert found["tempt"] == 2
    assert found["refused"][0] == 5
    assert "only for the emulated AWS" in found["refused"][1]
