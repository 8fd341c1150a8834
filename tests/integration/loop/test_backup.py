"""The drill: a home is lost while something is made, and another host goes on from its backup."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.kit.procfs import kill_tree
from gaia.testing.world import World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

STACK = "acme-use1-dev"

pytestmark = [pytest.mark.cloud, pytest.mark.long(2)]


@pytest.fixture(name="lost")
def world_of_its_own(tmp_path: Path) -> Iterator[World]:
    """One that a test may lose."""
    made = make_world(tmp_path, Path(__file__).parent / "platform")
    yield made
    made.run("sandbox", "down", quiet=True)


def _journals(world: World) -> set[Path]:
    return set((world.home / "journals").glob("**/journal.jsonl"))


def _killed_while_making(world: World, service: str) -> None:
    world.ask(service)
    before = _journals(world)
    child = world.start("approve", service, who="grace", quiet=True)
    while _journals(world) == before and child.identity.alive():
        pass
    kill_tree(child.identity.pid)
    child.wait()


def test_a_home_that_was_lost_goes_on_elsewhere(lost: World, tmp_path: Path) -> None:
    """Who waits waits, what was under way ends with what was approved, and what is there is known."""
    lost.ask("kept")
    lost.approve("kept")
    lost.ask("waits")
    _killed_while_making(lost, "begun")
    made = lost.json("backup", "gaia.age", "--new-key", "backup.key")
    assert made["under_way"], made
    before = lost.json("status", who="ada")
    file, key = (str(next(tmp_path.rglob(name))) for name in ("gaia.age", "backup.key"))

    checked = lost.json("restore", file, "--key", key, "--dry-run")
    assert checked["rows"] == made["rows"]
    assert lost.error("restore", file, "--key", key)["error"] == "home-not-empty"
    lost.home.rename(tmp_path / "lost")
    try:
        assert lost.error("restore", file, "--key", key)["error"] == "key-unconfirmed"
        assert lost.json("restore", file, "--key", key, "--expect-key", made["key"])["rows"] == made["rows"]
        assert lost.json("status", who="ada") == before
        lost.json("audit", "verify", who="admin")
        assert lost.json("resume", "begun", who="grace")["status"] == "done"
        assert lost.approve("waits")["status"] == "done"
        for service in ("kept", "begun", "waits"):
            assert [lost.planned(f"{service}-{part}") for part in ("first", "second")] == [[], []]
        assert lost.json("retire", "kept", "-s", STACK, "--yes", who="ada")["status"] in ("done", "waiting")
    finally:
        with contextlib.suppress(OSError):
            (tmp_path / "lost").rename(tmp_path / "old")
