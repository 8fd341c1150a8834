"""SIGKILL about the moment in which a request is published: resumed, it is published once, nothing is made twice."""

from __future__ import annotations

import os
import random
import signal
import time
from typing import TYPE_CHECKING

import pytest
from tests.nightly.figures import Figures

from gaia.kit.procfs import kill_tree

if TYPE_CHECKING:
    from gaia.testing.world import World

KILLS = 20
"""With those of `checkout/test_killed_set.py` there are two hundred."""
AFTER = 1.0
"""Seconds from the moment in which the last instance is applied: publishing is over by then."""


def publish_killed(world: World, seed: int) -> None:
    """Approve, kill, resume."""
    chance = random.Random(f"publish {seed}")  # noqa: S311 - a seeded choice of moments
    service, began = f"pub{seed}", time.monotonic()
    assert world.ask(service)["status"] == "waiting"
    head = world.git.head()
    approving = world.start("approve", service, who="grace", quiet=True)
    deadline = time.monotonic() + 240
    while sum(f"{service}-" in line and ": applied" in line for line in world.log_lines()) < 2:
        if not approving.identity.alive():
            break
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(chance.random() * AFTER)
    ended = not approving.identity.alive()
    if chance.random() < 0.5:
        kill_tree(approving.identity.pid)
    elif not ended:
        os.kill(approving.identity.pid, signal.SIGKILL)
    approving.wait()
    if (view := world.view(service))["status"] != "done":
        view = world.json("resume", service, who="grace")
    assert view["status"] == "done", view["reason"]
    for part in ("first", "second"):
        assert world.planned(f"{service}-{part}") == []
    said = world.git("log", "--format=%s", f"{head}..HEAD", "main") if head else ""
    assert str(said).count(service) == 1, said
    assert not [key for key in world.json("sandbox", "inventory")["state_objects"] if key.endswith(".tflock")]
    Figures(
        "a request is published",
        kills=1,
        resumed=not ended,
        had_ended=ended,
        seconds=time.monotonic() - began,
        seeds=[str(seed)],
    ).note()


@pytest.mark.cloud
def test_one_kill_about_publishing(world: World) -> None:
    """The request is done, and the repository has one commit of it."""
    publish_killed(world, 0)


@pytest.mark.chaos
@pytest.mark.long(1)
@pytest.mark.parametrize("seed", range(1, KILLS + 1))
def test_killed_about_publishing(world: World, seed: int) -> None:
    """The same at twenty seeded moments."""
    publish_killed(world, seed)
