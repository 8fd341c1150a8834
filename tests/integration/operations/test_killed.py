"""SIGKILL of everything at chosen points of apply and destroy, resumed from another process."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.operations.conftest import NOTHING, ONE_OF_EACH, approve
from tests.nightly.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.operations.conftest import Case

    from gaia.operations.journal import Entry

    Reached = Callable[[tuple[Entry, ...]], bool]


def seen(kind: str, address: str = "", times: int = 1) -> Reached:
    """Whether the journal has this many entries of a kind (about an address)."""

    def reached(journal: tuple[Entry, ...]) -> bool:
        found = [entry for entry in journal if entry.kind == kind and address in str(entry.facts.get("address", ""))]
        return len(found) >= times

    return reached


def in_full(outcome: dict[str, Any]) -> str:
    """How it ended, with each line of what is left, for who has to find out why."""
    return "\n".join([f"{outcome['status']} {outcome['code']}: {outcome['reason']}", *outcome["left"]])


def prove(case: Case) -> None:
    """Nothing twice, no lock left, nobody left, and a second plan is empty."""
    assert case.cloud.count() == ONE_OF_EACH, case.cloud.things()
    assert case.cloud.objects() == ["terraform.tfstate"]
    assert case.survivors() == []
    case.new_run()
    assert case.perform()["status"] == "unchanged"


APPLY = {
    "init": (seen("begin"), 0.15),
    "plan": (seen("child"), 1.0),
    "lock": (seen("child", times=2), 0.7),
    "begun": (seen("start"), 0.0),
    "key": (seen("start", "aws_kms_key"), 0.05),
    "bucket": (seen("start", "aws_s3_bucket.this"), 0.02),
    "between": (seen("complete", times=4), 0.0),
    "last": (seen("complete", times=10), 0.0),
    "saved": (seen("saved"), 0.0),
}


RESOURCES = 10
EVEN = 0.5
DESTROY = {
    "begun": seen("start"),
    "between": seen("complete", times=5),
    "last": seen("complete", times=10),
}


def finish_killed_apply(case: Case) -> None:
    """What a killed apply has left is finished by another process, whole."""
    outcome = case.perform()
    assert outcome["status"] == "applied", in_full(outcome)
    assert len(outcome["resources"]) == RESOURCES
    prove(case)


def finish_killed_destroy(case: Case, point: str) -> None:
    """Kill a destroy at the point: what is gone is gone, what is left goes."""
    case.new_run(destroy=True, approved=None)
    assert case.kill_when(DESTROY[point], all_at_once=True)
    outcome = case.perform()
    assert outcome["status"] == "applied", in_full(outcome)
    assert case.cloud.count() == NOTHING
    assert case.cloud.objects() == ["terraform.tfstate"]
    assert case.survivors() == []


@pytest.mark.cloud
@pytest.mark.long(2)
def test_what_was_approved_is_what_is_made_however_often_it_is_killed(case: Case) -> None:
    """Approved with its unknown values, killed twice, finished: it still holds; with another tag it does not.

    Killed where it is hardest to find again what was made: Gaia alone at a thing without a name of its own, then
    everything at one that is made before it is tagged. Then it is destroyed, and that is killed half-way too.
    """
    case.new_run(approved=approve(case))
    for point, at_once in (("key", False), ("bucket", True)):
        reached, delay = APPLY[point]
        assert case.kill_when(reached, delay=delay, all_at_once=at_once)
    finish_killed_apply(case)

    tags = case.config["variables"]["tags"]
    case.config["variables"]["tags"] = tags | {"team": "x"}
    case.new_run()
    outcome = case.perform()
    assert (outcome["status"], outcome["code"]) == ("parked", "approval-void")
    assert any("approved create, now update" in line for line in outcome["left"]), outcome
    case.config["variables"]["tags"] = tags
    finish_killed_destroy(case, "between")


@pytest.mark.chaos
@pytest.mark.parametrize("all_at_once", [True, False])
@pytest.mark.parametrize("point", APPLY)
def test_a_killed_apply_is_finished_by_another_process(case: Case, point: str, all_at_once: bool) -> None:
    """From `init` to the moment after the state was saved: nothing twice, no lock left, a second plan empty."""
    reached, delay = APPLY[point]
    began = time.monotonic()
    assert case.kill_when(reached, delay=delay, all_at_once=all_at_once)
    finish_killed_apply(case)
    Figures("one instance is applied", kills=1, resumed=1, seconds=time.monotonic() - began).note()


@pytest.mark.chaos
@pytest.mark.parametrize("point", DESTROY)
def test_a_killed_destroy_is_finished_by_another_process(case: Case, point: str) -> None:
    """What is gone is gone, what is left goes."""
    assert case.perform()["status"] == "applied"
    began = time.monotonic()
    finish_killed_destroy(case, point)
    Figures("one instance is destroyed", kills=1, resumed=1, seconds=time.monotonic() - began).note()


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(4))
def test_killed_twice_anywhere(case: Case, seed: int) -> None:
    """Two kills at seeded points of one apply, the second one perhaps in the recovery."""
    chance = random.Random(seed)  # noqa: S311 - a seeded choice of points, no secret
    figures = Figures("one instance is applied, twice", seconds=-time.monotonic(), seeds=[str(seed)])
    for _ in range(2):
        entries = len(case.journal) + chance.randrange(1, 16)

        def reached(journal: tuple[Entry, ...], entries: int = entries) -> bool:
            return len(journal) >= entries

        figures.kills += case.kill_when(reached, delay=chance.random() / 3, all_at_once=chance.random() < EVEN)
    outcome = case.perform()
    assert outcome["status"] == "applied", in_full(outcome)
    prove(case)
    figures.resumed = figures.kills
    figures.seconds += time.monotonic()
    figures.note()
