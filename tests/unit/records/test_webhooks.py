"""Webhooks and deliveries as rows: who has one, what is due, and what a removal leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.records.moments import T0

from gaia.kit.ids import new_id
from gaia.records import deliveries, webhooks
from gaia.records.webhook_model import Webhook

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.records.database import Database, Transaction
    from gaia.records.model import Person

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
ROW = Webhook(
    "whk_1", "repo-1", "acme", "dev", "webhook", "https://a/", b"\x00sealed", ("request.*",), "", T0, 5, None, None,
    None, "",
)  # fmt: skip


@pytest.fixture(name="hook")
def one(tx: Transaction, make_person: Callable[..., Person]) -> Webhook:
    """In acme/dev, that has come to entry 5."""
    row = replace(ROW, person=make_person(tx, "ann").id)
    webhooks.add(tx, row)
    return row


def due(tx: Transaction, newest: int = 5, at: timedelta = timedelta()) -> tuple[str, ...]:
    """What is due so long after T0."""
    return webhooks.due(tx, "repo-1", newest, at=T0 + at, longest=DAY)


def test_it_is_read_back_as_it_was_written(tx: Transaction, hook: Webhook) -> None:
    """Of its repository only."""
    assert webhooks.get(tx, "repo-1", hook.id) == hook
    assert webhooks.get(tx, "repo-2", hook.id) is None
    assert webhooks.count(tx, "repo-1", "acme") == 1


def test_places_hold_what_lies_in_them(tx: Transaction, hook: Webhook) -> None:
    """One of every stage lies in no single stage."""
    wide = replace(hook, id="whk_2", stage="*")
    webhooks.add(tx, wide)
    seen = {
        place: [each.id for each in webhooks.find(tx, "repo-1", places={place})]
        for place in (("*", "*"), ("acme", "*"), ("acme", "dev"), ("*", "dev"), ("other", "*"))
    }
    assert seen == {
        ("*", "*"): ["whk_2", "whk_1"], ("acme", "*"): ["whk_2", "whk_1"], ("acme", "dev"): ["whk_1"],
        ("*", "dev"): ["whk_1"], ("other", "*"): [],
    }  # fmt: skip
    assert webhooks.find(tx, "repo-1", places=()) == ()


def test_one_worker_has_it_until_it_lets_go_or_is_dead(tx: Transaction, hook: Webhook) -> None:
    """Nor is it due meanwhile; a clock that was wrong keeps it from nobody."""
    assert (due(tx), due(tx, newest=6)) == ((), (hook.id,))
    assert webhooks.take(tx, hook.id, at=T0) is not None
    assert webhooks.take(tx, hook.id, at=T0 + SECOND) is None
    assert due(tx, newest=6) == ()
    assert webhooks.take(tx, hook.id, at=T0 + webhooks.HELD) is not None
    assert webhooks.take(tx, hook.id, at=T0 - DAY) is not None
    webhooks.let_go(tx, hook.id, at=T0, rests=5 * SECOND)
    assert (due(tx, 6), due(tx, 6, 5 * SECOND)) == ((), (hook.id,))


def test_who_moves_on_second_has_to_look_again(tx: Transaction, hook: Webhook) -> None:
    """Else an event would be written down twice."""
    assert webhooks.move_on(tx, hook.id, 5, 9)
    assert not webhooks.move_on(tx, hook.id, 5, 9)
    assert due(tx, newest=9) == ()


def test_a_delivery_is_due_at_its_time_and_ends_once(tx: Transaction, hook: Webhook) -> None:
    """In the order in which it happened; one that ended stays as it is."""
    deliveries.add(tx, hook.id, [(7, "request.done"), (6, "request.approved")], at=T0)
    first, second = deliveries.waiting(tx, hook.id, limit=9)
    assert (first.seq, second.seq, due(tx)) == (6, 7, (hook.id,))
    for each in (first, second):
        deliveries.tried(tx, each.id, "waiting", answer=500, error="no", next_at=T0 + SECOND, at=T0)
    assert (due(tx), due(tx, at=SECOND), due(tx, at=-2 * DAY)) == ((), (hook.id,), (hook.id,))
    deliveries.tried(tx, first.id, "delivered", answer=200, error="", next_at=T0, at=T0 + SECOND)
    deliveries.tried(tx, first.id, "failed", answer=500, error="late", next_at=T0, at=T0 + DAY)
    found = deliveries.get(tx, first.id)
    assert found is not None
    assert (found.status, found.tries, found.ended_at) == ("delivered", 2, T0 + SECOND)
    assert deliveries.count_waiting(tx) == {hook.id: 1}
    assert deliveries.delivered_since(tx, hook.id, T0)
    assert not deliveries.delivered_since(tx, hook.id, T0 + DAY)
    assert deliveries.forget(tx, T0 + DAY) == 1


def test_who_is_disabled_is_nobodys(tx: Transaction, hook: Webhook) -> None:
    """It is written down once."""
    assert webhooks.disable(tx, hook.id, "gone", at=T0)
    assert not webhooks.disable(tx, hook.id, "gone again", at=T0)
    assert due(tx, newest=9) == ()
    assert webhooks.take(tx, hook.id, at=T0) is None


def test_a_removal_leaves_nothing(database: Database, make_person: Callable[..., Person]) -> None:
    """Nor can anything be written down for it afterwards."""
    with database.begin() as tx:
        row = replace(ROW, id=new_id("whk"), person=make_person(tx, "ann").id)
        webhooks.add(tx, row)
        deliveries.add(tx, row.id, [(6, "request.done")], at=T0)
        webhooks.remove(tx, row.id)
        assert (deliveries.newest(tx, row.id, limit=9), webhooks.keep(tx, row.id)) == ((), False)
        assert not webhooks.move_on(tx, row.id, 5, 6)
