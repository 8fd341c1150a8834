"""The template `queue-worker` on real terraform: priced by its use, applied on the emulator, and taken away again."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gaia.testing.world import World

pytestmark = [pytest.mark.cloud, pytest.mark.nightly, pytest.mark.long(3)]

ANSWERS = {"purpose": "thumbnails", "owner": "team-photos", "cost_center": "cc-1234"}


def test_a_queue_and_its_worker_are_asked_for_made_and_retired(world: World) -> None:
    """The price is that of the messages that are expected; what is made plans empty, and nothing is left of it."""
    asked = world.ask("thumbs", "queue-worker", **ANSWERS, monthly_messages=100_000_000)
    totals = asked["preview"]["totals"]
    assert Decimal(totals["monthly"]) > 100
    assert not totals["partial"]
    assert world.approve("thumbs")["status"] == "done"
    assert world.planned("thumbs-queue") == []
    world.json("retire", "thumbs", "-s", "acme-use1-dev", who="ada")
    assert world.approve("thumbs")["status"] == "done"
    assert not list(world.repository.glob("stacks/**/thumbs*"))
    assert "thumbs" not in str(world.json("sandbox", "inventory")["resources"])
