"""SIGKILL of everything while a recovery is under way: each next attempt finds what the ones before it made.

A key has neither a name nor an id that is known before it is made, so it is the hardest to find again.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from tests.integration.operations.conftest import NOTHING, ONE_OF_EACH, approve
from tests.integration.operations.test_killed import EVEN, finish_killed_apply, in_full, seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.operations.conftest import Case

    from gaia.operations.journal import Entry

MAKE_KEY = "POST / TrentService.CreateKey"
KEY = "aws_kms_key.this"


def longer(than: int) -> Callable[[tuple[Entry, ...]], bool]:
    """Whether the journal has more entries than this."""
    return lambda journal: len(journal) > than


def killed_at_the_key(case: Case, *, made: bool) -> None:
    """Approved, and killed while AWS is asked for the key: there it is, and nobody knows its id; or it is not.

    Terraform asks at once: that it has begun may be in the journal by then, or not yet been read.
    """
    case.new_run(approved=approve(case))
    case.kill_at_call(MAKE_KEY, done=made)
    assert len(case.cloud.things()["keys"]) == made
    begun = [entry for entry in case.journal if entry.kind == "start" and entry.facts["address"] == KEY]
    assert not any(start.facts["id"] for start in begun)


def finish_and_destroy(case: Case) -> None:
    """It ends applied with one of each in the state; asked again it says the same; destroyed, nothing is left."""
    journal = case.config["journal"]
    finish_killed_apply(case)
    case.config["journal"] = journal
    again = case.perform()
    assert again["status"] == "applied", in_full(again)
    assert again["outputs"]["key_arn"].endswith(case.cloud.things()["keys"][0])
    case.new_run(destroy=True, approved=None)
    gone = case.perform()
    assert (gone["status"], gone["resources"]) == ("applied", []), in_full(gone)
    assert case.cloud.count() == NOTHING, case.cloud.things()


@pytest.mark.chaos
@pytest.mark.long(2)
def test_killed_at_the_key_and_again_as_its_import_is_applied(case: Case) -> None:
    """The key that the first attempt made is the one in the state at the end, and it goes with the rest."""
    killed_at_the_key(case, made=True)
    (key,) = case.cloud.things()["keys"]
    assert case.kill_when(seen("applying", times=2), all_at_once=True)
    finish_and_destroy(case)
    assert case.cloud.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert len(case.cloud.client("kms").list_keys()["Keys"]) == 1


@pytest.mark.cloud
@pytest.mark.long(1.5)
def test_killed_once_with_nothing_to_import(case: Case) -> None:
    """AWS never heard of the key: the search finds nothing, and what is applied is the plan that makes it."""
    killed_at_the_key(case, made=False)
    finish_and_destroy(case)


@pytest.mark.chaos
@pytest.mark.long(3)
@pytest.mark.parametrize("made", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_killed_at_the_key_and_anywhere_in_two_recoveries(case: Case, seed: int, made: bool) -> None:
    """A seed chooses after how many lines of each recovery's journal, and how long after, everything dies."""
    chance = random.Random(seed)  # noqa: S311 - a seeded choice of points, no secret
    killed_at_the_key(case, made=made)
    for _ in range(2):
        lines = len(case.journal) + chance.randrange(20)
        case.kill_when(longer(lines), delay=chance.random() / 3, all_at_once=chance.random() < EVEN)
    finish_and_destroy(case)


@pytest.mark.chaos
@pytest.mark.long(6)
@pytest.mark.parametrize("made", [True, False])
def test_killed_after_each_line_that_a_recovery_writes(case: Case, made: bool) -> None:
    """Killed after the recovery's first line, the next one's second, and so on, until one comes to its end."""
    killed_at_the_key(case, made=made)
    kills = 0
    while case.kill_when(longer(len(case.journal) + kills), all_at_once=True):
        kills += 1
        assert case.cloud.count()["keys"] <= ONE_OF_EACH["keys"], case.cloud.things()
    assert kills > len(ONE_OF_EACH)
    finish_and_destroy(case)
