"""Somebody else's state lock is never released."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gaia.testing.world import World

pytestmark = pytest.mark.cloud

LOCK = {
    "ID": "11111111-2222-3333-4444-555555555555",
    "Operation": "OperationTypeApply",
    "Info": "",
    "Who": "somebody@elsewhere",
    "Version": "1.11.4",
    "Created": "2026-11-23T00:00:00Z",
    "Path": "",
}


def test_a_foreign_lock_parks_the_run_and_stays(world: World) -> None:
    """The run is parked with who holds the lock; after they have released it, resume goes on."""
    world.ask("locked")
    [url] = [
        line.partition("=")[2].strip().strip("'\"")
        for line in world.run("sandbox", "env", quiet=True).stdout.splitlines()
        if "AWS_ENDPOINT_URL=" in line
    ]
    described = world.json("describe", "component", "kms", "-s", "acme-use1-dev")
    bucket = described["backend"]["bucket"]
    prefix = "note"
    lock = f"{url}/{bucket}/{prefix}/acme-use1-dev-locked-first/terraform.tfstate.tflock"
    put = urllib.request.Request(lock, data=json.dumps(LOCK).encode(), method="PUT")  # noqa: S310 - loopback
    urllib.request.urlopen(put).close()  # noqa: S310
    ended = world.fails("approve", "locked", who="grace")
    assert ended["status"] == "parked"
    assert ended["runs"][-1]["code"] == "lock-foreign"
    assert "somebody@elsewhere" in ended["runs"][-1]["reason"]
    with urllib.request.urlopen(lock) as answer:  # noqa: S310
        assert json.load(answer)["ID"] == LOCK["ID"]
    urllib.request.urlopen(urllib.request.Request(lock, method="DELETE")).close()  # noqa: S310
    assert world.json("resume", "locked", who="grace")["status"] == "done"
