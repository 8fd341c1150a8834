"""A sensitive output of one component, wired into another, stands nowhere in clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gaia.testing.world import World

pytestmark = pytest.mark.cloud


def test_a_sensitive_output_is_in_no_log_preview_journal_or_table(world: World) -> None:
    """The secret reaches the other component's state, and nothing that Gaia writes or prints."""
    asked = world.ask("hidden", template="vaults", word="qwertzuiop")
    assert asked["status"] == "waiting", asked["reason"]
    assert world.approve("hidden")["status"] == "done"
    world.run("status", "hidden", who="ada")
    world.run("logs", "hidden", who="ada")
    world.run("why", "hidden", "-s", "acme-use1-dev", who="ada")
    assert "SECRET-qwertzuiop" not in world.everything_written()
    gone = world.json("retire", "hidden", "-s", "acme-use1-dev", "--yes", who="ada")
    assert gone["status"] == "done", gone["reason"]
    assert "SECRET-qwertzuiop" not in world.everything_written()
