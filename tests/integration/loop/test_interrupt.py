"""Whoever ends Gaia while terraform works gets an end in good order, and can go on."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gaia.kit.process import Child
    from gaia.testing.world import World

SLEEP = 60
"""Seconds that making a note takes here; terraform prints nothing for the first ten."""
STORE = {
    "purpose": "interrupted",
    "owner": "team-media",
    "cost_center": "cc-4711",
    "storage_gb": 1,
    "monthly_writes": 1,
    "monthly_reads": 1,
}


def end_when(world: World, child: Child, service: str, said: str, number: int) -> float:
    """Send a signal to Gaia once a log says something about a service; the seconds from then to its end."""
    deadline = time.monotonic() + 900
    while not any(f"{service}-" in line and said in line for line in world.log_lines()):
        assert child.identity.alive(), child.wait()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    begun = time.monotonic()
    os.kill(child.identity.pid, number)
    assert child.wait().returncode == 130
    return time.monotonic() - begun


@pytest.mark.cloud
def test_a_service_manager_ends_it_as_ctrl_c_does(world: World) -> None:
    """SIGTERM in the middle of an apply: terraform ends and saves, the request is parked and says how to go on."""
    world.ask("ended", seconds=SLEEP)
    applying = world.start("approve", "ended", who="grace", quiet=True)
    assert end_when(world, applying, "ended", "Creating...", signal.SIGTERM) < SLEEP
    view = world.view("ended")
    assert (view["status"], view["runs"][-1]["code"]) == ("parked", "interrupted")
    assert "gaia resume" in view["next_step"]
    assert any("Interrupting again kills it" in line for line in world.log_lines())


@pytest.mark.cloud
def test_an_interrupted_preview_is_made_again(world: World) -> None:
    """Ctrl-C while the preview is planned, for seconds: nothing was changed, and resume goes on to the same end."""
    given = [part for name, value in STORE.items() for part in ("-a", f"{name}={value}")]
    asking = world.start("request", "object-store", "again", "-s", "acme-use1-dev", *given, who="ada", quiet=True)
    end_when(world, asking, "again", '"message": "resolved', signal.SIGINT)
    view = world.view("again")
    assert view["status"] == "submitted"
    assert [run["status"] for run in view["runs"]] == ["failed", "queued"]
    assert world.json("resume", "again", who="ada")["status"] == "waiting"


@pytest.mark.chaos
def test_what_was_lost_in_an_interrupted_apply_is_found_before_it_is_retired(world: World) -> None:
    """A key is made but not finished: retiring refuses, changes nothing and says what to do; then nothing is left."""
    asked = world.ask("lost", template="object-store", **STORE)
    applying = world.start("approve", "lost", who="grace", quiet=True)
    end_when(world, applying, "lost", "aws_kms_key.this: Creating...", signal.SIGINT)
    error = world.error("retire", "lost", "-s", "acme-use1-dev", who="ada")
    assert error["error"] == "apply-unfinished"
    assert f"gaia resume {asked['id']}" in error["next_step"]
    assert any("aws_kms_key" in line for line in error["facts"]["left"])
    done = world.json("resume", "lost", who="grace")
    assert done["status"] == "done", done["reason"]
    gone = world.json("retire", "lost", "-s", "acme-use1-dev", "--yes", who="ada")
    assert gone["status"] == "done", gone["reason"]
    assert "lost" not in str(world.json("sandbox", "inventory")["resources"])
