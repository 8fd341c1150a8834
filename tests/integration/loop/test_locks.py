"""Somebody else's state lock is never released."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gaia.sandbox.emulator import running
from gaia.sandbox.wire import Wire

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
    wire = Wire(running(world.home).port)
    described = world.json("describe", "component", "kms", "-s", "acme-use1-dev")
    bucket = described["backend"]["bucket"]
    prefix = "note"
    lock = f"/{bucket}/{prefix}/acme-use1-dev-locked-first/terraform.tfstate.tflock"
    assert wire.send("PUT", lock, service="s3", body=json.dumps(LOCK))[0] == 200
    ended = world.fails("approve", "locked", who="grace")
    assert ended["status"] == "parked"
    assert ended["runs"][-1]["code"] == "lock-foreign"
    assert "somebody@elsewhere" in ended["runs"][-1]["reason"]
    status, held = wire.send("GET", lock, service="s3")
    assert (status, json.loads(held)["ID"]) == (200, LOCK["ID"])
    wire.send("DELETE", lock, service="s3")
    assert world.json("resume", "locked", who="grace")["status"] == "done"
