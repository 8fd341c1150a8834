"""Bare things that a killed apply had begun to make: found again, taken for what was shown, and not made twice."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.integration.checkout.killed_set import client
from tests.integration.checkout.operating import Ground
from tests.integration.line import a_line

from gaia.kit.procfs import kill_tree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.line import Fate, Request

    from gaia.sandbox import Sandbox

pytestmark = [pytest.mark.cloud, pytest.mark.nightly, pytest.mark.long(3)]

CODE = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
resource "aws_dynamodb_table" "this" {
  name         = "bare-found"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
resource "aws_sqs_queue" "this" {
  name = "bare-found"
}
"""


def test_a_table_and_a_queue_without_tags_are_found_again(tmp_path: Path, emulator: Sandbox) -> None:
    """Killed once the table was made and before anybody had heard of it: what the provider makes of attributes that
    were left out is no other plan than the one that was shown."""
    environ = {"AWS_ENDPOINT_URL": emulator.url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    environ |= {"AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    ground = Ground(tmp_path / "repository", environ=environ)
    ground.write(
        "stacks/dev.yaml",
        "vars: {stage: dev}\nterraform: {backend_type: local}\n"
        "components: {terraform: {one: {metadata: {component: note}}}}\n",
    )
    ground.code(CODE)

    def rule(request: Request) -> Fate:
        return "hold" if request.action.endswith("CreateTable") else "pass"

    with a_line(emulator.url, rule) as line, (tmp_path / "killed.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gaia", "apply", "-s", "dev", "--yes"], cwd=ground.root, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, env={**ground.environ, "AWS_ENDPOINT_URL": line.url}, start_new_session=True,
        )  # fmt: skip
        assert line.held.wait(200)
        kill_tree(process.pid)
        process.wait()
        line.released.set()
    assert "bare-found" in client(emulator, "dynamodb").list_tables()["TableNames"]
    assert "importing it" in ground.run("apply", "--resume", "--yes")
    assert "nothing to change" in ground.run("plan", "-s", "dev", "--detailed-exitcode")
