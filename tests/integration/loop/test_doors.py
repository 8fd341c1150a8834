"""Two terminals at once: looking at a run, or deciding another, never repeats a step of it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.testing.world import World

pytestmark = pytest.mark.cloud


def together(world: World, who: str, commands: Sequence[tuple[str, ...]]) -> list[dict[str, Any]]:
    """What commands say that are all started before the first one ends."""
    asked: list[tuple[str, ...]] = [(*words, "--output", "json") for words in commands]
    begun = [world.start(*words, who=who, quiet=True) for words in asked]
    return [json.loads(world.ended(one, *words, quiet=True).stdout) for one, words in zip(begun, asked, strict=True)]


def test_commands_beside_a_running_engine_never_repeat_a_step(world: World) -> None:
    """While one terminal applies slowly, others look, follow the log and approve a second request."""
    world.ask("slow", seconds=6)
    world.ask("quick")
    applying = world.start("approve", "slow", who="grace", quiet=True)
    while world.view("slow")["status"] == "waiting":
        assert applying.identity.alive()
        time.sleep(0.05)
    following = world.start("logs", "slow", "-f", who="ada", quiet=True)
    assert world.view("slow")["status"] == "applying"
    assert world.approve("quick")["status"] == "done"
    assert applying.wait().returncode == 0
    assert following.wait().returncode == 0
    for service in ("slow", "quick"):
        text = world.run("logs", service, "--output", "json", who="ada", quiet=True).stdout
        lines = [json.loads(line) for line in text.splitlines()]
        made = [line["event"]["address"] for line in lines if (line["event"] or {}).get("kind") == "complete"]
        assert len(made) == 2, made
        assert all(run["status"] == "done" for run in world.view(service)["runs"])


def test_many_look_at_one_instance_at_the_same_time(world: World) -> None:
    """Plans and outputs asked for in several terminals at once all come, and are right."""
    instance = world.ask("seen")["instances"][0].partition("/")[2]
    assert world.approve("seen")["status"] == "done"
    here = (instance, "-s", "acme-use1-dev")
    asked = [("-C", str(world.repository), "terraform", what, *here) for what in ("plan", "output") for _ in range(3)]
    found = together(world, "ada", asked)
    assert [one["changes"] for one in found[:3]] == [[]] * 3
    assert found[3]["outputs"]
    assert found[3:] == [found[3]] * 3


def test_many_ask_approve_and_retire_at_the_same_time(world: World) -> None:
    """Each in a terminal of its own, on a commit that nobody has seen yet: all of it comes, and all of it goes."""
    (world.repository / "NEWS.md").write_text("new\n")
    world.commit("Write the news")
    services = ["many-one", "many-two", "many-three"]
    here = ("-s", "acme-use1-dev")
    asked = together(world, "ada", [("request", "notes", one, *here, "-a", "text=hello") for one in services])
    assert [one["status"] for one in asked] == ["waiting"] * 3
    made = together(world, "grace", [("approve", one) for one in services])
    assert [one["status"] for one in made] == ["done"] * 3
    published = world.repository / "stacks/orgs/acme/dev/services"
    assert {f"{one}.yaml" for one in services} <= {path.name for path in published.iterdir()}
    gone = together(world, "ada", [("retire", one, *here, "--yes") for one in services])
    assert [one["status"] for one in gone] == ["done"] * 3
    assert not list(published.glob("many-*"))
    assert not world.git("status", "--porcelain")


def test_a_dirty_checkout_is_refused_before_anything_is_changed(world: World) -> None:
    """A publish could not go through, so nothing is begun; when the checkout is clean it works."""
    world.ask("dirty")
    readme = world.repository / "README.md"
    before = readme.read_text()
    readme.write_text("not committed\n")
    error = world.error("approve", "dirty", who="grace")
    readme.write_text(before)
    assert error["error"] == "target-dirty"
    assert world.view("dirty")["status"] == "waiting"
    assert world.approve("dirty")["status"] == "done"
