"""SIGKILL to Gaia, terraform and its providers at seeded points of plan and apply; another process resumes.

Nothing is lost, nothing is made twice, no lock is left, the second plan is empty.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

import pytest

from gaia import sandbox
from gaia.kit.procfs import kill_tree
from gaia.sandbox.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gaia.kit.process import Child
    from gaia.testing.world import World

STACK = "acme-use1-dev"
ANSWERS = {
    "purpose": "kill-test",
    "owner": "team-media",
    "cost_center": "cc-4711",
    "storage_gb": 1,
    "monthly_writes": 1,
    "monthly_reads": 1,
}
IN_CLOUD = 5
KEPT = range(1, IN_CLOUD)
"""Seeds whose service is not retired: that takes as long again, and is no different after another kill."""


def _marked(seed: int) -> object:
    cloud = [pytest.mark.cloud] if seed < IN_CLOUD else []
    return pytest.param(seed, marks=[pytest.mark.chaos, pytest.mark.long(3 if seed in KEPT else 4.5), *cloud])


@pytest.mark.parametrize("seed", [_marked(seed) for seed in range(20)])
def test_killed_anywhere_nothing_is_lost_or_made_twice(world: World, seed: int) -> None:
    """The seed chooses plan or apply, and the line of the log after which everything dies."""
    service = f"kill{seed}"
    chance = random.Random(seed)  # noqa: S311 - seeded on purpose
    while_planning = seed % 5 == 0
    answers = [part for name, value in ANSWERS.items() for part in ("-a", f"{name}={value}")]
    ask = ["request", "object-store", service, "-s", STACK, *answers]
    if while_planning:
        _kill(world, lambda: world.start(*ask, who="ada", quiet=True), chance.randint(1, 12), chance)
        view = world.json("resume", service, who="ada")
    else:
        view = world.json(*ask, who="ada")
    assert view["status"] == "waiting", view["reason"]
    if not while_planning:
        _kill(world, lambda: world.start("approve", service, who="grace", quiet=True), chance.randint(2, 50), chance)
        done = world.json("resume", service, who="grace")
    else:
        done = world.approve(service)
    assert done["status"] == "done", done["reason"]
    _assert_whole(world, service)
    if seed in KEPT:
        return
    Wire(sandbox.running(world.home).port).send("PUT", f"/{STACK}-{service}/a.jpg", service="s3", body="x")
    gone = world.json("retire", service, "-s", STACK, who="ada")
    assert gone["status"] == "done", gone["reason"]
    assert service not in str(_existing(world))


def _kill(world: World, start: Callable[[], Child], line: int, chance: random.Random) -> None:
    """Kill what `start` began when its run's log has `line` lines, a little later, or at the end when it has fewer."""
    later = chance.uniform(0, 0.4)
    before = _logs(world)
    child = start()
    deadline = time.monotonic() + 900
    while child.identity.alive() and sum(log.read_text().count("\n") for log in _logs(world) - before) < line:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(later)
    kill_tree(child.identity.pid)
    child.wait()


def _logs(world: World) -> set[Path]:
    return set((world.home / "runs").glob("*/log.jsonl"))


def _assert_whole(world: World, service: str) -> None:
    inventory = world.json("sandbox", "inventory")
    assert not [key for key in inventory["state_objects"] if key.endswith(".tflock")]
    mine = list(_named(inventory["resources"], service))
    assert len(mine) == len(set(mine))
    assert [kind for kind, _ in mine].count("buckets") == 1
    for part in ("key", "bucket", "identity"):
        plan = world.json("terraform", "plan", f"{service}-{part}", "-s", STACK, who="grace")
        assert plan["changes"] == []


def _existing(world: World) -> dict[str, Any]:
    return dict(world.json("sandbox", "inventory")["resources"])


def _named(resources: dict[str, list[str]], service: str) -> Iterator[tuple[str, str]]:
    yield from ((kind, name) for kind, names in resources.items() for name in names if service in name)
