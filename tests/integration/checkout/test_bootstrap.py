"""An account without anything: the bucket of states comes to exist, and the state of what makes it lies in it.

However often that is killed, there is one bucket, one state, and nothing of it is left on this machine.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.checkout.killed_set import client
from tests.integration.checkout.operating import Ground, chosen

from gaia import sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.sandbox import Sandbox

    Fixed = tuple[Ground, Sandbox]

pytestmark = pytest.mark.long(2)
PLACE = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "prefix" {
  type = string
}
variable "key" {
  type    = string
  default = ""
}
resource "aws_s3_bucket" "this" {
  bucket = "${var.prefix}-states"
  tags   = { key = var.key }
}
output "name" {
  value = aws_s3_bucket.this.bucket
}
"""
OTHER = """
variable "text" {
  type = string
}
resource "terraform_data" "this" {
  input = var.text
}
output "id" {
  value = terraform_data.this.output
}
"""
STACKS = """
vars: {stage: dev}
terraform:
  backend_type: s3
  backend: {s3: {bucket: PREFIX-states, key: terraform.tfstate, region: us-east-1, use_lockfile: true}}
  providers: {aws: {region: us-east-1}}
components:
  terraform:
    key: {metadata: {component: other}, vars: {text: first}}
    place:
      metadata: {component: place}
      vars: {prefix: PREFIX, key: !terraform.state key id}
    late: {metadata: {component: other}, vars: {text: !terraform.state place name}}
"""
MATTER = ("bootstrap/", "start apply", "start state push", "pushed.tfstate", "journal")
"""What the points say at which it could be torn: the folder of the first states, their making, and their way."""
SOME = 3
"""Points in CI: each takes five commands."""
MAKE = ("bootstrap", "-s", "dev", "--yes")


@pytest.fixture
def fixed(tmp_path: Any) -> Iterator[Fixed]:
    """A repository, and an account with no bucket at all."""
    ground = Ground(tmp_path / "repository")
    for name, code in (("place", PLACE), ("other", OTHER)):
        ground.write(f"components/terraform/{name}/main.tf", 'variable "stage" {\n  type = string\n}\n' + code)
    ground.write("stacks/dev.yaml", STACKS.replace("PREFIX", "first"))
    yield ground, sandbox.up(tmp_path / "home", buckets=())
    sandbox.down(tmp_path / "home")


def anew(ground: Ground, name: str) -> None:
    """Another account, as far as anybody here knows: nothing is remembered, and its bucket is another."""
    ground.write("stacks/dev.yaml", STACKS.replace("PREFIX", name))
    for folder in (ground.root.parent / "home/repos").glob("*/*"):
        if folder.name in ("bootstrap", "journals", "lineages", "moves"):
            shutil.rmtree(folder)


def held(emulator: Sandbox, bucket: str) -> dict[str, list[str]]:
    """What the states in a bucket hold, by their workspace."""
    s3 = client(emulator, "s3")
    found = {}
    for one in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
        state = json.loads(s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read())
        found[one["Key"].split("/")[1]] = [f"{each['type']}.{each['name']}" for each in state["resources"]]
    return found


WHOLE = {"dev-key": ["terraform_data.this"], "dev": ["aws_s3_bucket.this"]}


@pytest.mark.cloud
def test_a_stack_comes_up_from_nothing_and_goes_down(fixed: Fixed) -> None:
    """Shown first; made once; what it needs goes along, whatever the instances are called; then the rest as ever."""
    ground, emulator = fixed
    assert "gaia bootstrap -s dev" in ground.run("plan", "late", "-s", "dev", fine=(8,))
    assert "gaia bootstrap -s dev" in ground.run("doctor", fine=(0, 1))
    shown = ground.run("bootstrap", "-s", "dev", "--dry-run")
    assert "s3://first-states would be made by dev/key, dev/place" in shown
    assert client(emulator, "s3").list_buckets()["Buckets"] == []
    assert '"status": "made"' in ground.run(*MAKE, "-o", "json")
    assert held(emulator, "first-states") == WHOLE
    assert not list((ground.root.parent / "home/repos").glob("*/bootstrap"))
    assert "s3://first-states is there. Nothing was done." in ground.run(*MAKE)
    ground.run("apply", "-s", "dev", "--yes")
    ground.run("plan", "-s", "dev", "--detailed-exitcode")
    ground.run("destroy", "late", "-s", "dev", "--yes")
    assert held(emulator, "first-states")["dev-late"] == []


@pytest.mark.parametrize(
    "every",
    [
        pytest.param(False, marks=[pytest.mark.cloud, pytest.mark.nightly], id="some"),
        pytest.param(True, marks=pytest.mark.chaos, id="every"),
    ],
)
def test_whoever_is_killed_goes_on(fixed: Fixed, every: bool) -> None:
    """At each point: the same command ends it, and until then nobody plans with the empty state of the bucket."""
    ground, emulator = fixed
    ground.dies(0, *MAKE)
    anew(ground, "warm")
    points = ground.dies(0, *MAKE)
    closed = False
    numbers = chosen(points, MATTER, every=every)
    for number in numbers if every else numbers[:: max(1, len(numbers) // SOME)][:SOME]:
        name = f"killed-{number}"
        anew(ground, name)
        passed = ground.dies(number, *MAKE)
        if list((ground.root.parent / "home/repos").glob("*/bootstrap/dev/place")):
            refused = ground.run("plan", "place", "-s", "dev", fine=(3, 6, 7))
            assert "gaia bootstrap -s dev" in refused, passed[-1]
            closed = True
        ground.run(*MAKE)
        assert held(emulator, f"{name}-states") == WHOLE, passed[-1]
        assert not list((ground.root.parent / "home/repos").glob("*/bootstrap")), passed[-1]
        ground.run("plan", "place", "-s", "dev", "--detailed-exitcode")
        ground.run("plan", "key", "-s", "dev", "--detailed-exitcode")
    assert closed or not every
    names = [one["Name"] for one in client(emulator, "s3").list_buckets()["Buckets"]]
    assert len(names) == len(set(names))
