"""The whole loop under OpenTofu, where it is on PATH."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.kit.procfs import kill_tree
from gaia.testing.world import STACK, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.testing.world import World

pytestmark = pytest.mark.cloud

STORE = {
    "purpose": "tofu-test",
    "owner": "team-media",
    "cost_center": "cc-4711",
    "storage_gb": 1,
    "monthly_writes": 1,
    "monthly_reads": 1,
}


@pytest.fixture(scope="module")
def tofu_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world whose every command is told to use tofu."""
    tofu = shutil.which("tofu")
    if tofu is None:
        pytest.skip("optional: tofu is not on PATH")
    made = make_world(tmp_path_factory.mktemp("tofu"), Path(__file__).parent / "platform")
    made.extra = {"GAIA_TERRAFORM": tofu}
    yield made
    made.run("sandbox", "down", quiet=True)


def test_ask_approve_and_retire(tofu_world: World) -> None:
    """What is asked for is made once, second plans are empty, and nothing is left after retiring."""
    requests = {"jot": ("first", "second"), "shelf": ("key", "bucket", "identity")}
    asked = tofu_world.ask("jot"), tofu_world.ask("shelf", template="object-store", **STORE)
    assert [view["status"] for view in asked] == ["waiting", "waiting"], asked
    for service, parts in requests.items():
        done = tofu_world.approve(service)
        assert done["status"] == "done", done["reason"]
        for part in parts:
            assert tofu_world.planned(f"{service}-{part}") == []
    assert "shelf" in str(tofu_world.json("sandbox", "inventory")["resources"])
    for service in requests:
        gone = tofu_world.json("retire", service, "-s", STACK, "--yes", who="ada")
        assert gone["status"] == "done", gone["reason"]
    left = tofu_world.json("sandbox", "inventory")
    assert not any(left["resources"].values())
    assert not [key for key in left["state_objects"] if key.endswith(".tflock")]


def test_a_killed_tofu_leaves_a_lock_that_a_person_releases(tofu_world: World) -> None:
    """OpenTofu writes its lock's id nowhere, so the run is parked and the lock stays; once freed, resume ends it."""
    tofu_world.ask("cut", seconds=8)
    approving = tofu_world.start("approve", "cut", who="grace", quiet=True)
    deadline = time.monotonic() + 240
    while not any('"start"' in path.read_text() and "cut-first" in path.read_text() for path in _logs(tofu_world)):
        assert approving.identity.alive()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    kill_tree(approving.identity.pid)
    approving.wait()
    parked = tofu_world.fails("resume", "cut", who="grace")
    assert parked["status"] == "parked"
    assert parked["runs"][-1]["code"] == "lock-foreign"
    assert re.search(r"lock [0-9a-f-]{36}", parked["runs"][-1]["reason"])
    assert _locks(tofu_world) == ["acme-dev-tfstate/note/acme-use1-dev-cut-first/terraform.tfstate.tflock"]
    tofu_world.run("unlock", "cut-first", "-s", STACK, "--yes", "--holder-may-live", quiet=True)
    assert _locks(tofu_world) == []
    done = tofu_world.json("resume", "cut", who="grace")
    assert done["status"] == "done", done["reason"]
    for part in ("first", "second"):
        assert tofu_world.planned(f"cut-{part}") == []


def _logs(world: World) -> Iterator[Path]:
    yield from (world.home / "runs").glob("*/log.jsonl")


def _locks(world: World) -> list[str]:
    return [key for key in world.json("sandbox", "inventory")["state_objects"] if key.endswith(".tflock")]
