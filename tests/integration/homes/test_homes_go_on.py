"""A GAIA_HOME that an earlier version left behind opens, and everything in it goes on."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest
from tests.homes.relocate import unpack

from gaia.settings import Settings
from gaia.testing.world import STACK, World

pytestmark = [pytest.mark.cloud, pytest.mark.long(0.5)]
HOMES = sorted((Path(__file__).parents[2] / "homes").glob("home-*.tar.xz"))


@pytest.fixture(params=HOMES, ids=lambda path: path.name.split(".tar")[0])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """The home, its repository and its people, as if they had been made here."""
    unpack(request.param, tmp_path)
    made = World(Settings.capture(os.environ, tmp_path), tmp_path / "home", lambda _: None)
    made.lines = []
    made.tokens.update(json.loads((tmp_path / "tokens.json").read_text()))
    return made


def test_a_home_of_an_earlier_version_goes_on(world: World) -> None:
    """All is listed; what was queued, approved or cut off goes on by itself; the rest when somebody says so."""
    listed = {one["service"]: one["status"] for one in world.json("status", who="admin")["requests"]}
    assert (listed["live"], listed["open"], listed["parked"]) == ("done", "waiting", "parked")
    assert listed["killed"] in ("approved", "applying")
    if "queued" in listed:  # of a home that was made since engines serve
        assert (listed["approved"], listed["queued"]) == ("applying", "submitted")
        carried_out(world, approved="done", queued="waiting", killed="done")
        assert world.approve("queued")["status"] == "done"
    else:
        assert world.json("resume", "killed", who="grace")["status"] == "done"
    assert world.json("resume", "parked", who="grace")["status"] == "done"  # the repository moved meanwhile
    assert world.approve("open")["status"] == "done"
    manifests = world.repository / "stacks/orgs/acme/dev/services"
    assert {path.stem for path in manifests.iterdir()} >= {"live", "open", "parked", "killed"}
    assert world.json("retire", "live", "-s", STACK, who="ada")["status"] in ("done", "waiting")
    assert world.json("audit", "verify", who="admin")


def carried_out(world: World, **wanted: str) -> None:
    """A worker of today's goes on with what the earlier one left, until it stands like that."""
    worker = world.start("worker", quiet=True)
    deadline = time.monotonic() + 300
    while (now := {service: world.view(service)["status"] for service in wanted}) != wanted:
        assert worker.running, worker.wait().stderr
        assert not {"failed", "parked"} & set(now.values()), {name: world.view(name)["reason"] for name in now}
        assert time.monotonic() < deadline, now
        time.sleep(0.5)
    os.kill(worker.identity.pid, signal.SIGTERM)
    assert worker.wait().returncode == 0
