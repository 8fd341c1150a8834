"""A GAIA_HOME that an earlier version left behind opens, and everything in it goes on."""

from __future__ import annotations

import json
import os
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
    """All is listed; the open request is approved, the parked and the killed one are resumed, the live one retired."""
    listed = {one["service"]: one["status"] for one in world.json("status", who="admin")["requests"]}
    assert (listed["live"], listed["open"], listed["parked"]) == ("done", "waiting", "parked")
    assert listed["killed"] in ("approved", "applying")
    assert world.json("resume", "killed", who="grace")["status"] == "done"
    assert world.json("resume", "parked", who="grace")["status"] == "done"  # the repository moved meanwhile
    assert world.approve("open")["status"] == "done"
    manifests = world.repository / "stacks/orgs/acme/dev/services"
    assert {path.stem for path in manifests.iterdir()} >= {"live", "open", "parked", "killed"}
    assert world.json("retire", "live", "-s", STACK, who="ada")["status"] in ("done", "waiting")
    assert world.json("audit", "verify", who="admin")
