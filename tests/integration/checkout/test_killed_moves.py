"""`gaia move` dies by SIGKILL at its points: in the end each resource has exactly one owner, and plans are empty."""

from __future__ import annotations

import itertools
import json
import os
from typing import TYPE_CHECKING

import pytest
from tests.integration.checkout.operating import Ground, ids, spread

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.sandbox import Sandbox

CODE = """
resource "terraform_data" "this" {
  count = 2
  input = "${var.stage} ${count.index}"
}
resource "terraform_data" "more" {
  for_each = toset(["a=b", "c.d"])
  input    = each.key
}
output "text" {
  value = terraform_data.more["a=b"].output
}
"""
MATTER = ("moves/", "start state push", "pushed.tfstate", "run.lock")
"""What the points say at which a move could be torn: its journal, and the states that it writes."""
SLICE = os.environ.get("GAIA_POINTS", "")
S3 = (
    "backend_type: s3\n  backend: {s3: {bucket: state, region: us-east-1, key: moves.tfstate, use_lockfile: true, "
    "use_path_style: true, skip_credentials_validation: true, skip_requesting_account_id: true}}"
)


def chosen(points: list[str], few: int) -> list[int]:
    """All points of this slice in nights, else those that matter and a few more."""
    if SLICE:
        first, each = map(int, SLICE.split("/"))
        return list(range(first, len(points) + 1, each))
    return spread(points, MATTER, few)


@pytest.mark.parametrize("few", [pytest.param(4, marks=pytest.mark.cloud), pytest.param(40, marks=pytest.mark.chaos)])
def test_each_resource_has_one_owner(tmp_path: Path, few: int) -> None:
    """Back and forth between two instances; until it has ended, both are closed."""
    ground = Ground(tmp_path / "repository")
    ground.code(CODE)
    ground.run("terraform", "apply", "one", "-s", "dev", "-auto-approve")
    whole = ids(ground.state("one"))
    source, target = "one", "two"

    def words() -> tuple[str, ...]:
        return ("move", target, "-s", "dev", "--from", f"dev/{source}", "--yes")

    for _ in range(2):  # with the folders warm
        points = ground.dies(0, *words())
        source, target = target, source
    closed = 0
    for number in chosen(points, few):
        passed = ground.dies(number, *words())
        both = ids(ground.state("one"), ground.state("two"))
        assert sorted(set(both)) == whole, passed[-1]
        said = ground.run(*words(), fine=(0, 4, 5, 6, 3, 2, 1))
        if "move-unfinished" in said:
            for line in (("terraform", "apply", source), ("terraform", "state", "rm", target, "terraform_data.this")):
                if closed < 2:
                    refused = ground.run(*line, "-s", "dev", "-auto-approve" if line[1] == "apply" else "-lock=true",
                                         fine=(1, 2, 3, 4, 5, 6))  # fmt: skip
                    assert "move-unfinished" in refused
            closed += 1
            ground.run("move", target, "-s", "dev", "--resume")
        assert ids(ground.state(target)) == whole, passed[-1]
        assert ids(ground.state(source)) == [], passed[-1]
        assert not list((tmp_path / "home").rglob("pushed.tfstate")), passed[-1]
        source, target = target, source
    assert closed > 3 or SLICE
    ground.run("terraform", "plan", source, "-s", "dev", "-detailed-exitcode")
    assert ground.state(target)["outputs"] == {}


@pytest.mark.cloud
def test_parts_and_renames_plan_empty(tmp_path: Path) -> None:
    """A component is split: one instance gets a part under another address, and both plan empty on their own code."""
    ground = Ground(tmp_path / "repository")
    ground.code(CODE)
    ground.run("terraform", "apply", "one", "-s", "dev", "-auto-approve")
    stacks = (ground.root / "stacks/dev.yaml").read_text()
    ground.write(
        "stacks/dev.yaml", stacks.replace("two: {metadata: {component: note}", "two: {metadata: {component: kept}")
    )
    ground.write(
        "components/terraform/kept/main.tf",
        'variable "stage" {\n  type = string\n}\nresource "terraform_data" "kept" {\n  for_each = toset(["x=y"])\n'
        '  input    = "a=b"\n}\n',
    )
    ground.code(CODE.replace('"a=b", ', "").replace('["a=b"]', '["c.d"]'))
    moving = ("move", "two", "-s", "dev", "--from", "dev/one", 'terraform_data.more["a=b"]=terraform_data.kept["x=y"]')
    assert "as terraform_data.kept" in ground.run(*moving, "--dry-run")
    ground.run(*moving, "--yes")
    ground.run("terraform", "plan", "two", "-s", "dev", "-detailed-exitcode")
    said = ground.run("terraform", "plan", "one", "-s", "dev", "-no-color")
    assert ("Changes to Outputs" in said, "will be" in said) == (True, False), said


@pytest.mark.cloud
def test_a_state_at_a_place_that_nobody_has_any_more(tmp_path: Path) -> None:
    """Of a component that was renamed: its file, whole; the lineage of the target's state is its own."""
    ground = Ground(tmp_path / "repository")
    ground.code(CODE)
    ground.run("terraform", "apply", "one", "-s", "dev", "-auto-approve")
    stacks = (ground.root / "stacks/dev.yaml").read_text()
    ground.write("stacks/dev.yaml", stacks.replace("one: {metadata: {component: note}}, ", ""))
    before = ground.state("one")
    place = "components/terraform/note/terraform.tfstate.d/dev-one/terraform.tfstate"
    ground.run("move", "two", "-s", "dev", "--from", place, "--yes")
    ground.run("terraform", "plan", "two", "-s", "dev", "-detailed-exitcode")
    after = ground.state("two")
    assert (ids(after), ids(ground.state("one"))) == (ids(before), [])
    assert after["lineage"] != before["lineage"]
    assert after["outputs"] == before["outputs"]


@pytest.mark.cloud
def test_states_in_a_bucket(tmp_path: Path, emulator: Sandbox) -> None:
    """Killed while a state is written, its lock stays: ours is released, somebody else's is not."""
    import boto3  # type: ignore[import-untyped]

    environ = {"AWS_ENDPOINT_URL": emulator.url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    ground = Ground(tmp_path / "repository", S3, {**environ, "AWS_REGION": "us-east-1"})
    ground.code(CODE)
    client = boto3.client("s3", endpoint_url=emulator.url, region_name="us-east-1",
                          aws_access_key_id="test", aws_secret_access_key="test")  # fmt: skip
    places = {name: f"note/dev-{name}/moves.tfstate" for name in ("one", "two", "three")}

    def held(name: str) -> list[str]:
        found = client.list_objects_v2(Bucket="state", Prefix=places[name]).get("Contents", [])
        known = [one["Key"] for one in found if one["Key"] == places[name]]
        return ids(json.loads(client.get_object(Bucket="state", Key=known[0])["Body"].read())) if known else []

    ground.run("terraform", "apply", "one", "-s", "dev", "-auto-approve")
    whole = held("one")
    assert len(whole) == 4
    source, target = "one", "two"
    turns = itertools.count()
    points = ground.dies(0, "move", target, "-s", "dev", "--from", f"dev/{source}", "--yes")
    assert held(target) == whole
    pushes = [number for number, point in enumerate(points, 1) if "start state push" in point]
    for number in (*pushes, *(at + 1 for at in pushes)):
        source, target = target, source
        words = ("move", target, "-s", "dev", "--from", f"dev/{source}", "--yes")
        ground.dies(number, *words)
        if "move-unfinished" in ground.run(*words, fine=range(9)):
            next(turns)
            ground.run("move", target, "-s", "dev", "--resume")
        assert (held(target), held(source)) == (whole, [])
    assert next(turns) >= 2
    lock = {"ID": "3b5bca3c-0000-0000-0000-000000000000", "Who": "somebody@else", "Operation": "apply", "Info": ""}
    lock |= {"Version": "1.11.4", "Created": "2026-11-29T00:00:00Z", "Path": f"state/{places[target]}"}
    client.put_object(Bucket="state", Key=f"{places[target]}.tflock", Body=json.dumps(lock).encode())
    said = ground.run("move", "three", "-s", "dev", "--from", f"dev/{target}", "--yes", fine=range(1, 9))
    assert "state-locked" in said
    assert (held(target), held("three")) == (whole, [])
    [log] = (tmp_path / "home/repos").glob(f"*/plan/dev/{target}/core.log")
    log.write_text(f"Attempting to lock remote state: tf_backend.lock.id={lock['ID']}\n")  # as if a killed one's
    ground.run("move", "three", "-s", "dev", "--from", f"dev/{target}", "terraform_data.this[0]", "--yes")
    key = f"s3://state/{places[target]}"
    ground.run("move", "three", "-s", "dev", "--from", key, "terraform_data.this", "--yes")
    assert (len(held(target)), len(held("three"))) == (2, 2)
