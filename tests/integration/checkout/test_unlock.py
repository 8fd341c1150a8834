"""`gaia unlock` on real locks of dead and living processes: an object beside the state, a row in a table, a file."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.checkout.operating import Ground

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.sandbox import Sandbox

S3 = (
    "backend_type: s3\n  backend: {s3: {bucket: state, region: us-east-1, key: unlock-NAME.tfstate, KIND, "
    "use_path_style: true, skip_credentials_validation: true, skip_requesting_account_id: true}}"
)
KINDS = {"object": "use_lockfile: true", "table": "dynamodb_table: locks"}
KINDS["terraform"] = "use_lockfile: true, custom_ca_bundle: BUNDLE"
"""The last is one that only terraform can ask about."""
SLOW = """
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "touch MADE/begun; sleep 120"
  }
}
"""
ONE = ("one", "-s", "dev")
pytestmark = [pytest.mark.cloud, pytest.mark.long(1)]


def client(emulator: Sandbox, service: str) -> Any:
    """Of the emulator."""
    import boto3  # type: ignore[import-untyped]

    return boto3.client(service, endpoint_url=emulator.url, region_name="us-east-1",
                        aws_access_key_id="test", aws_secret_access_key="test")  # fmt: skip


@pytest.fixture(params=KINDS)
def ground(request: pytest.FixtureRequest, tmp_path: Path, emulator: Sandbox) -> Iterator[Ground]:
    """The repository, its state in the emulator's bucket, with each kind of lock."""
    import botocore

    kind = KINDS[request.param].replace("BUNDLE", str(Path(botocore.__file__).with_name("cacert.pem")))
    environ = {"AWS_ENDPOINT_URL": emulator.url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    backend = S3.replace("KIND", kind).replace("NAME", request.param)
    made = Ground(tmp_path / "repository", backend, {**environ, "AWS_REGION": "us-east-1"})
    made.code(SLOW.replace("MADE", str(made.made)))
    if request.param == "table":
        client(emulator, "dynamodb").create_table(
            TableName="locks", KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
        )  # fmt: skip
    yield made
    store = client(emulator, "s3")
    for each in store.list_objects_v2(Bucket="state", Prefix="note/").get("Contents", []):
        store.delete_object(Bucket="state", Key=each["Key"])
    if request.param == "table":
        client(emulator, "dynamodb").delete_table(TableName="locks")


def applying(ground: Ground) -> subprocess.Popen[bytes]:
    """An application in the middle of what it makes."""
    (ground.made / "begun").unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "gaia", "apply", *ONE, "--yes"],
        cwd=ground.root, env=ground.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not (ground.made / "begun").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def lock(ground: Ground) -> dict[str, Any]:
    """What `gaia unlock --dry-run` says of it."""
    [found] = json.loads(ground.run("unlock", *ONE, "--dry-run", "-o", "json"))["locks"]
    return dict(found)


def test_a_lock_is_kept_by_the_living_and_released_from_the_dead(ground: Ground) -> None:
    """While the apply runs its process is named and the lock stays; killed, it is ours and dead, and is released."""
    process = applying(ground)
    living = lock(ground)
    assert (living["ours"], living["holder"], living["host"]) == (True, "alive", os.uname().nodename), living
    assert living["operation"] == "OperationTypeApply"
    assert living["pids"]
    assert "lock-alive" in ground.run("unlock", *ONE, "--yes", fine=(6,))
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    while (dead := lock(ground))["holder"] == "alive":  # terraform dies with it, its provider is ended
        for pid in dead["pids"]:
            os.kill(pid, signal.SIGKILL)
        assert time.monotonic() < deadline, dead
        time.sleep(0.1)
    assert (dead["id"], dead["ours"], dead["holder"]) == (living["id"], True, "dead"), dead
    assert "Released the lock" in ground.run("unlock", *ONE, "--yes")
    assert "No state is locked." in ground.run("unlock", *ONE)
    assert "No state is locked." in ground.run("unlock")
    ground.code('resource "terraform_data" "slow" {}\n')
    ground.run("terraform", "apply", *ONE, "-auto-approve")
    ground.run("terraform", "plan", *ONE, "-detailed-exitcode")


def test_a_lock_that_somebody_else_holds(ground: Ground, emulator: Sandbox) -> None:
    """Taken on another machine: nobody can know; --yes alone releases nothing."""
    [kind] = re.findall(r"unlock-(\w+)", ground.backend)
    note = {"ID": "3b5bca3c-0000-0000-0000-000000000000", "Who": "ada@laptop", "Operation": "OperationTypePlan"}
    note |= {
        "Info": "",
        "Version": "1.11.4",
        "Created": "2026-11-29T00:00:00Z",
        "Path": f"state/note/dev-one/unlock-{kind}.tfstate",
    }
    if "dynamodb_table" in ground.backend:
        item = {"LockID": {"S": note["Path"]}, "Info": {"S": json.dumps(note)}}
        client(emulator, "dynamodb").put_item(TableName="locks", Item=item)
    else:
        key = f"{note['Path'].removeprefix('state/')}.tflock"
        client(emulator, "s3").put_object(Bucket="state", Key=key, Body=json.dumps(note).encode())
    found = lock(ground)
    assert (found["who"], found["ours"], found["holder"], found["id"]) == ("ada@laptop", False, "unknown", note["ID"])
    said = ground.run("plan", *ONE, fine=range(1, 9))
    assert "unlock one -s dev" in said, said
    assert "confirmation-missing" in ground.run("unlock", *ONE, "--yes", fine=(2,))
    assert lock(ground)["id"] == note["ID"]
    ground.run("unlock", *ONE, "--yes", "--holder-may-live")
    assert "No state is locked." in ground.run("unlock", *ONE)


def test_the_system_knows_who_locks_a_file(tmp_path: Path) -> None:
    """While it is locked nobody can release it; what a killed terraform leaves beside it is removed."""
    ground = Ground(tmp_path / "repository")
    ground.code(SLOW.replace("MADE", str(ground.made)))
    process = applying(ground)
    found = lock(ground)
    assert (found["ours"], found["holder"]) == (True, "alive"), found
    assert "lock-alive" in ground.run("unlock", *ONE, "--yes", "--holder-may-live", fine=(6,))
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    while (found := lock(ground))["holder"] == "alive":
        for pid in found["pids"]:
            os.kill(pid, signal.SIGKILL)
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    ground.run("unlock", *ONE, "--yes")
    assert "No state is locked." in ground.run("unlock", *ONE)
