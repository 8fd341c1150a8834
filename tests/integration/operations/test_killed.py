"""SIGKILL of everything at chosen points of apply and destroy, resumed from another process."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from tests.integration.operations.conftest import NOTHING, ONE_OF_EACH

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


def prove(case: Case) -> None:
    """Nothing twice, no lock left, nobody left, and a second plan is empty."""
    assert case.cloud.count() == ONE_OF_EACH, case.cloud.things()
    assert case.cloud.objects() == ["terraform.tfstate"]
    assert case.survivors() == []
    case.new_run()
    assert case.perform()["status"] == "unchanged"


APPLY = {
    "init": (seen("begin"), 0.4),
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
FEW = (("key", False), ("bucket", True))
"""The points of `make test-cloud`, with whether everything dies at once; `make chaos` has the others.

These are the hardest to find again: a thing without a name of its own, and one that is made before it is tagged.
"""
MANY = [(point, at_once) for point in APPLY for at_once in (True, False) if (point, at_once) not in FEW]
DESTROY = {
    "begun": seen("start"),
    "between": seen("complete", times=5),
    "last": seen("complete", times=10),
}


def finish_killed_apply(case: Case, point: str, *, all_at_once: bool) -> None:
    """Kill at the point, finish in another process, prove."""
    reached, delay = APPLY[point]
    assert case.kill_when(reached, delay=delay, all_at_once=all_at_once)
    outcome = case.perform()
    assert outcome["status"] == "applied", outcome
    assert len(outcome["resources"]) == RESOURCES
    prove(case)


def finish_killed_destroy(case: Case, point: str) -> None:
    """The same for a destroy: what is gone is gone, what is left goes."""
    assert case.perform()["status"] == "applied"
    case.new_run(destroy=True)
    assert case.kill_when(DESTROY[point], all_at_once=True)
    outcome = case.perform()
    assert outcome["status"] == "applied", outcome
    assert case.cloud.count() == NOTHING
    assert case.cloud.objects() == ["terraform.tfstate"]
    assert case.survivors() == []


@pytest.mark.cloud
@pytest.mark.parametrize(("point", "all_at_once"), FEW)
def test_a_killed_apply_is_finished_by_another_process(case: Case, point: str, all_at_once: bool) -> None:
    """The next process finishes it with what exists: nothing twice, no lock left, a second plan empty."""
    finish_killed_apply(case, point, all_at_once=all_at_once)


@pytest.mark.chaos
@pytest.mark.parametrize(("point", "all_at_once"), MANY)
def test_a_killed_apply_is_finished_at_every_point(case: Case, point: str, all_at_once: bool) -> None:
    """The same at the other points, from `init` to the moment after the state was saved."""
    finish_killed_apply(case, point, all_at_once=all_at_once)


@pytest.mark.cloud
def test_a_killed_destroy_is_finished_by_another_process(case: Case) -> None:
    """What is gone is gone, what is left goes."""
    finish_killed_destroy(case, "between")


@pytest.mark.chaos
@pytest.mark.parametrize("point", ["begun", "last"])
def test_a_killed_destroy_is_finished_at_every_point(case: Case, point: str) -> None:
    """The same at its beginning and at its end."""
    finish_killed_destroy(case, point)


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(4))
def test_killed_twice_anywhere(case: Case, seed: int) -> None:
    """Two kills at seeded points of one apply, the second one perhaps in the recovery."""
    chance = random.Random(seed)  # noqa: S311 - a seeded choice of points, no secret
    for _ in range(2):
        entries = len(case.journal) + chance.randrange(1, 16)

        def reached(journal: tuple[Entry, ...], entries: int = entries) -> bool:
            return len(journal) >= entries

        case.kill_when(reached, delay=chance.random() / 3, all_at_once=chance.random() < EVEN)
    outcome = case.perform()
    assert outcome["status"] == "applied", outcome
    prove(case)
