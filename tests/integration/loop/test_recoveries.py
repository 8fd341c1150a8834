"""A service's key and bucket, when an application or a retirement does not come to its end at the first try."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from tests.integration.loop.conftest import aws, put_object

from gaia.kit.procfs import kill_tree

if TYPE_CHECKING:
    from gaia.testing.world import World

ANSWERS = {
    "purpose": "recovery-test",
    "owner": "team-media",
    "cost_center": "cc-4711",
    "storage_gb": 1,
    "monthly_writes": 1,
    "monthly_reads": 1,
}
STAGING = "acme-use1-staging"
"""Where a bucket is never destroyed with what is in it."""


def keys(world: World, service: str) -> list[str]:
    """States of all keys that were ever made for a service."""
    kms = aws(world, "kms")
    found = []
    for entry in kms.list_keys()["Keys"]:
        tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=entry["KeyId"])["Tags"]}
        if tags.get("gaia:instance", "").endswith(f"/{service}-key"):
            found.append(kms.describe_key(KeyId=entry["KeyId"])["KeyMetadata"]["KeyState"])
    return found


def kill_at(world: World, *command: str, who: str, said: str) -> None:
    """Start a command and kill it, terraform and its providers when its log says something new."""

    def times() -> int:
        return sum(said in line for line in world.log_lines())

    before = times()
    child = world.start(*command, who=who, quiet=True)
    deadline = time.monotonic() + 900
    while times() == before:
        assert child.identity.alive(), child.wait()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    kill_tree(child.identity.pid)
    child.wait()


@pytest.mark.cloud
@pytest.mark.nightly
@pytest.mark.long(3)
def test_a_key_that_is_made_while_gaia_dies_twice_is_the_services_own(world: World) -> None:
    """Killed as it is made, and in the apply that takes it over: done; looked at, planned anew, retired: gone."""
    asked = world.ask("twice", template="object-store", **ANSWERS)
    assert asked["status"] == "waiting", asked["reason"]
    kill_at(world, "approve", "twice", who="grace", said="aws_kms_key.this: Creating...")
    kill_at(world, "resume", "twice", who="grace", said="aws_kms_alias.this: Creating...")
    done = world.json("resume", "twice", who="grace")
    assert done["status"] == "done", done["reason"]
    assert keys(world, "twice") == ["Enabled"]
    assert world.view("twice")["status"] == "done"
    for part in ("key", "bucket", "identity"):
        assert world.planned(f"twice-{part}") == []
    gone = world.json("retire", "twice", "-s", "acme-use1-dev", "--yes", who="ada")
    assert gone["status"] == "done", gone["reason"]
    assert keys(world, "twice") == ["PendingDeletion"]
    assert "twice" not in str(world.json("sandbox", "inventory")["resources"])


def staff(world: World) -> None:
    """Somebody who asks and somebody who approves in staging."""
    for name, role in {"sol": "developer", "stan": "approver"}.items():
        grant = ("--role", role, "--tenant", "acme", "--stage", "staging")
        world.tokens[name] = world.json("token", "create", name, *grant, who="admin")["token"]


@pytest.mark.cloud
@pytest.mark.nightly
@pytest.mark.long(3)
def test_a_retirement_that_a_full_bucket_stops_goes_on_when_it_is_empty(world: World) -> None:
    """It is parked with a way out; resumed with the object still there, again; emptied, it ends retired."""
    staff(world)
    given = [part for name, value in ANSWERS.items() for part in ("-a", f"{name}={value}")]
    asked = world.json("request", "object-store", "full", "-s", STAGING, *given, who="sol")
    assert asked["status"] == "waiting", asked["reason"]
    done = world.json("approve", "full", who="stan")
    assert done["status"] == "done", done["reason"]
    bucket = f"{STAGING}-full"
    put_object(world, bucket, "a.jpg")

    assert world.json("retire", "full", "-s", STAGING, "--yes", who="sol")["status"] == "waiting"
    for going_on in ("approve", "resume"):
        view = world.fails(going_on, "full", who="stan")
        assert (view["status"], view["runs"][-1]["code"]) == ("parked", "terraform-failed"), view["reason"]
        assert view["runs"][-1]["left"] == ["aws_s3_bucket.this"]
        assert "BucketNotEmpty" in view["reason"]
        assert "Empty the bucket, earlier versions of its objects too, then resume" in view["reason"]
        assert f"gaia resume {view['id']}" in view["next_step"]
    s3 = aws(world, "s3")
    for found in s3.list_object_versions(Bucket=bucket)["Versions"]:
        s3.delete_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])
    gone = world.json("resume", "full", who="stan")
    assert gone["status"] == "done", gone["reason"]
    assert "full" not in str(world.json("sandbox", "inventory")["resources"])
    assert keys(world, "full") == ["PendingDeletion"]


@pytest.mark.cloud
def test_what_broke_as_it_was_made_is_not_taken_for_made(world: World) -> None:
    """What its code runs then has failed: going on ends with a difference, and a person sees it replaced."""
    assert world.ask("broken", template="brittle", text="hello")["status"] == "waiting"
    assert world.fails("approve", "broken", who="grace")["status"] == "parked"
    again = world.fails("resume", "broken", who="grace")
    assert (again["status"], again["runs"][-1]["code"]) == ("parked", "approval-void")
    anew = world.json("resume", "broken", who="grace")
    assert (anew["status"], [one["action"] for one in anew["preview"]["changes"]]) == ("waiting", ["replace"])
    assert world.json("reject", "broken", "--reason", "it breaks", who="grace")["status"] == "rejected"
    assert world.json("retire", "broken", "-s", "acme-use1-dev", "--yes", who="ada")["status"] == "done"
