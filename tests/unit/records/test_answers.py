"""Idempotency keys and what was answered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.records.moments import T0 as NOW

from gaia.errors import Conflict, Invalid
from gaia.records import answers, people
from gaia.records.answers import KEPT, Answer

if TYPE_CHECKING:
    from gaia.records.database import Database

MADE = Answer(202, b'{"id": 1}', {"location": "/x"})


@pytest.fixture(name="ann")
def somebody(database: Database) -> str:
    """A person's id."""
    with database.begin() as tx:
        return people.add_person(tx, "ann", at=NOW).id


def test_an_answer_is_given_again(database: Database, ann: str) -> None:
    """To the same call of the same person, for a day."""
    with database.begin() as tx:
        assert answers.take(tx, ann, "key", "call", at=NOW) is None
        answers.keep(tx, ann, "key", MADE)
        assert answers.take(tx, ann, "key", "call", at=NOW + timedelta(hours=23)) == MADE
        assert answers.take(tx, ann, "key", "call", at=NOW + KEPT + timedelta(seconds=1)) is None


def test_an_answer_is_for_who_may_do_as_much_as_its_caller(database: Database, ann: str) -> None:
    """More is enough, less is not; one of who wrote no rights down, an older Gaia, is given to all."""
    had = ["developer acme *", "may see"]
    with database.begin() as tx:
        assert answers.take(tx, ann, "key", "call", at=NOW, rights=had) is None
        answers.keep(tx, ann, "key", MADE)
        for rights in (had, [*had, "viewer bolt *"], had[::-1]):
            assert answers.take(tx, ann, "key", "call", at=NOW, rights=rights) == MADE
        for rights in ([], had[:1], ["viewer acme *", "may see"]):
            with pytest.raises(Conflict) as caught:
                answers.take(tx, ann, "key", "call", at=NOW, rights=rights)
            assert caught.value.code == "idempotency-rights-lost"
        answers.take(tx, ann, "old", "call", at=NOW)
        answers.keep(tx, ann, "old", MADE)
        assert answers.take(tx, ann, "old", "call", at=NOW, rights=had) == MADE


def test_a_refusal_is_for_who_may_do_the_same(database: Database, ann: str) -> None:
    """Nothing was done: who was given a role meanwhile, or lost one, may try."""
    refused = Answer(403, b"{}", {})
    with database.begin() as tx:
        for before, now in ((["a"], ["a", "b"]), (["a", "b"], ["a"])):
            answers.take(tx, ann, "key", "call", at=NOW, rights=before)
            answers.keep(tx, ann, "key", refused)
            assert answers.take(tx, ann, "key", "call", at=NOW, rights=before) == refused
            assert answers.take(tx, ann, "key", "call", at=NOW, rights=now) is None
            answers.let_go(tx, ann, "key")


def test_a_key_is_for_one_call(database: Database, ann: str) -> None:
    """Another is refused, whether the first was answered or not."""
    with database.begin() as tx:
        answers.take(tx, ann, "key", "call", at=NOW)
        with pytest.raises(Invalid) as caught:
            answers.take(tx, ann, "key", "another", at=NOW)
    assert caught.value.code == "idempotency-key-reused"


def test_a_call_that_is_being_answered_is_not_made_again(database: Database, ann: str) -> None:
    """Until it is taken for one whose process was killed; or it could not be answered."""
    with database.begin() as tx:
        answers.take(tx, ann, "key", "call", at=NOW)
        with pytest.raises(Conflict) as caught:
            answers.take(tx, ann, "key", "call", at=NOW + timedelta(seconds=30))
        assert caught.value.code == "idempotency-key-busy"
        assert answers.take(tx, ann, "key", "call", at=NOW + timedelta(minutes=3)) is None
        answers.let_go(tx, ann, "key")
        assert answers.take(tx, ann, "key", "other", at=NOW + timedelta(minutes=3)) is None
