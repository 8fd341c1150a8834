"""The template `queue-worker` on real terraform: priced by its use, applied on the emulator, and taken away again."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gaia.testing.world import World

pytestmark = pytest.mark.cloud

ANSWERS = {"purpose": "thumbnails", "owner": "team-photos", "cost_center": "cc-1234"}


def test_a_queue_and_its_worker_are_asked_for_made_and_retired(world: World) -> None:
    """More messages cost more; what is made plans empty."""
    few = world.ask("few-thumbs", "queue-worker", **ANSWERS, monthly_messages=1000)
    many = world.ask("many-thumbs", "queue-worker", **ANSWERS, monthly_messages=100_000_000)
    prices = [Decimal(one["preview"]["cost"]["monthly"]) for one in (few, many)]
    assert prices[0] + 100 < prices[1]
    assert not few["preview"]["cost"]["partial"]
    world.json("reject", "many-thumbs", "--reason", "too dear", who="grace")
    assert world.approve("few-thumbs")["status"] == "done"
    for part in ("key", "queue", "identity"):
        assert world.planned(f"few-thumbs-{part}") == []
    world.json("retire", "few-thumbs", "-s", "acme-use1-dev", who="ada")
    assert world.approve("few-thumbs")["status"] == "retired"
