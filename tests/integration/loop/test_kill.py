"""SIGKILL to Gaia, terraform and its providers at seeded points of plan and apply; another process resumes.

Nothing is lost, nothing is made twice, no lock is left, the second plan is empty.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.loop.conftest import put_object
from tests.nightly.figures import Figures

from gaia.kit.procfs import kill_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

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
PLANNING = 5
"""Every fifth seed kills while the preview is planned, the others while the approved change is applied."""
IN_CLOUD = (0, 7, 9, 13, 16)
"""The five of `make test-cloud`, on the way of one request: its apply is killed four times, the recoveries included."""
LINES = {"plan": 12, "apply": 54, "again": 18}
"""How far into the log a kill may be; a preview writes 16 lines, an apply 67, and each recovery some more."""


@pytest.mark.parametrize(
    "seeds",
    [
        pytest.param(IN_CLOUD, marks=[pytest.mark.cloud, pytest.mark.long(4.5)], id="five"),
        *(pytest.param((seed,), marks=[pytest.mark.chaos, pytest.mark.long(3)], id=str(seed)) for seed in range(20)),
    ],
)
def test_killed_anywhere_nothing_is_lost_or_made_twice(world: World, seeds: tuple[int, ...]) -> None:
    """A seed chooses plan or apply, and the line of the log after which everything dies."""
    began = time.monotonic()
    service = f"kill{seeds[0]}" if len(seeds) == 1 else "killed"
    answers = [part for name, value in ANSWERS.items() for part in ("-a", f"{name}={value}")]
    ask = ["request", "object-store", service, "-s", STACK, *answers]
    planning = [seed for seed in seeds if seed % PLANNING == 0]
    view = _see_through(world, ask, service, "ada", planning, LINES["plan"])
    assert view["status"] == "waiting", view["reason"]
    applying = [seed for seed in seeds if seed % PLANNING]
    lines = LINES["again" if len(applying) > 1 else "apply"]
    done = _see_through(world, ["approve", service], service, "grace", applying, lines)
    assert done["status"] == "done", done["reason"]
    _assert_whole(world, service)
    put_object(world, f"{STACK}-{service}", "a.jpg")
    gone = world.json("retire", service, "-s", STACK, "--yes", who="ada")
    assert gone["status"] == "done", gone["reason"]
    assert service not in str(_existing(world))
    seconds = time.monotonic() - began
    kind = "terraform and its providers plan or apply"
    Figures(kind, kills=len(seeds), resumed=len(seeds), seconds=seconds, seeds=list(map(str, seeds))).note()


def _see_through(
    world: World, begin: list[str], service: str, who: str, seeds: list[int], lines: int
) -> dict[str, Any]:
    """Begin, be killed once a seed within so many lines of the log, and go on from another process each time."""
    todo = begin
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311 - seeded on purpose
        _kill(world, todo, who, chance.randint(2, lines), chance)
        todo = ["resume", service]
    return dict(world.json(*todo, who=who))


def _kill(world: World, command: list[str], who: str, line: int, chance: random.Random) -> None:
    """Kill a command when it has written that many lines into the log, a little later, or when it ends before that."""
    later = chance.uniform(0, 0.4)
    before = len(world.log_lines())
    child = world.start(*command, who=who, quiet=True)
    deadline = time.monotonic() + 900
    while child.identity.alive() and len(world.log_lines()) - before < line:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(later)
    kill_tree(child.identity.pid)
    child.wait()


def _assert_whole(world: World, service: str) -> None:
    inventory = world.json("sandbox", "inventory")
    assert not [key for key in inventory["state_objects"] if key.endswith(".tflock")]
    mine = list(_named(inventory["resources"], service))
    assert len(mine) == len(set(mine))
    assert [kind for kind, _ in mine].count("buckets") == 1
    for part in ("key", "bucket", "identity"):
        assert world.planned(f"{service}-{part}") == []


def _existing(world: World) -> dict[str, Any]:
    return dict(world.json("sandbox", "inventory")["resources"])


def _named(resources: dict[str, list[str]], service: str) -> Iterator[tuple[str, str]]:
    yield from ((kind, name) for kind, names in resources.items() for name in names if service in name)
