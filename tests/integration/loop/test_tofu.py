"""The whole loop under OpenTofu, where it is on PATH."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

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
            plan = tofu_world.json("terraform", "plan", f"{service}-{part}", "-s", STACK, who="grace")
            assert plan["changes"] == []
    assert "shelf" in str(tofu_world.json("sandbox", "inventory")["resources"])
    for service in requests:
        gone = tofu_world.json("retire", service, "-s", STACK, who="ada")
        assert gone["status"] == "done", gone["reason"]
    left = tofu_world.json("sandbox", "inventory")
    assert not any(left["resources"].values())
    assert not [key for key in left["state_objects"] if key.endswith(".tflock")]
