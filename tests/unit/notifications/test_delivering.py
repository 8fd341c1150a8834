"""Telling others: signed, in order, again where it failed, by one worker, and nobody else's business to nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gaia.errors import GaiaError
from gaia.kit import clock
from gaia.notifications.delivering import BACKOFF, HELD_UP
from gaia.notifications.model import Outcome
from gaia.records import audit, deliveries, people, webhooks
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tests.unit.notifications.conftest import Receiver, Told

    from gaia.notifications.model import Destination, EventView
    from gaia.notifications.sending import Send

    SetClock = Callable[[datetime], None]
LATER = timedelta(seconds=1)


class Killed(BaseException):
    """The process is gone."""


def test_what_happens_is_told_once_signed_and_in_order(told: Told, receiver: Receiver) -> None:
    """As CloudEvents, verified by the verifier of Standard Webhooks; what happened before is not told."""
    told.happens("request.submitted")
    _, secret = told.webhooks("root").add("webhook", receiver.url, tenant="acme")
    first, second = told.happens("request.approved", preview="p", code=""), told.happens("request.done")
    for _ in range(3):
        told.delivering().once()
    assert receiver.verified(str(secret)) == 2
    event = receiver.documents()[0]
    assert receiver.types() == ["dev.gaia.request.approved", "dev.gaia.request.done"]
    assert [one["seq"] for one in receiver.documents()] == [first, second]
    assert (event["specversion"], event["source"], event["id"]) == ("1.0", "urn:gaia:platform", str(first))
    data = event["data"]
    assert (data["actor"], data["tenant"], data["stack"], data["facts"]["preview"]) == (
        "ann",
        "acme",
        "acme-use1-dev",
        "p",
    )
    assert data["url"] == f"https://gaia.test/requests/{event['subject']}"
    assert receiver.got[0][0]["content-type"] == "application/cloudevents+json"


def test_only_types_and_places_that_were_asked_for(told: Told, receiver: Receiver) -> None:
    """And nothing of who may call, which only who administers everything is told."""
    told.webhooks("root").add("webhook", receiver.url, tenant="acme", stage="dev", types=["request.*", "dev.gaia.x.y"])
    for action in ("request.done", "instance.applied", "token.created"):
        told.happens(action)
    told.happens("request.approved", stage="prod")
    told.happens("request.approved", tenant="other")
    told.delivering().once()
    assert receiver.types() == ["dev.gaia.request.done"]


def test_facts_that_are_not_known_to_be_harmless_stay_inside(told: Told, receiver: Receiver) -> None:
    """Neither a new fact nor what looks like a credential leaves."""
    told.webhooks("root").add("webhook", receiver.url, tenant="acme")
    told.happens("request.done", answers={"password": "hunter22"}, code="gaia_tok_" + "a" * 40, causes=3)
    told.delivering().once()
    assert receiver.documents()[0]["data"]["facts"] == {"code": "(sensitive)", "causes": 3}


def test_a_try_that_failed_is_made_again_with_the_same_id(told: Told, receiver: Receiver, clock_at: SetClock) -> None:
    """After 5 s, a minute, …; a new signature each time; what happened later waits for the first tries."""
    made, secret = told.webhooks("root").add("webhook", receiver.url, tenant="acme")
    now = clock.now()
    receiver.statuses += [500, 302]
    receiver.headers["Location"] = receiver.url
    told.happens("request.approved")
    told.happens("request.done")
    for wait in (timedelta(), LATER, BACKOFF[0], LATER, BACKOFF[1]):
        now += wait
        clock_at(now)
        told.delivering().once()
    assert receiver.types() == ["dev.gaia.request.approved"] * 3 + ["dev.gaia.request.done"]
    assert len(set(receiver.ids())) == 2
    assert receiver.verified(str(secret)) == 4
    lines = told.webhooks("root").deliveries(made.id)
    assert [(one.status, one.tries, one.answer) for one in lines] == [("delivered", 1, 204), ("delivered", 3, 204)]


def test_after_some_tries_an_event_holds_up_no_other(told: Told, receiver: Receiver, clock_at: SetClock) -> None:
    """One that its receiver cannot take does not keep the rest from it."""
    told.webhooks("root").add("webhook", receiver.url, tenant="acme")
    now = clock.now()
    receiver.statuses += [500] * (HELD_UP + 1)
    told.happens("request.approved")
    told.happens("request.done")
    for wait in (timedelta(), *BACKOFF[:HELD_UP], LATER):
        now += wait
        clock_at(now)
        told.delivering().once()
    assert receiver.types()[-1] == "dev.gaia.request.done"


def test_tries_end_and_so_does_a_webhook_that_took_nothing(told: Told, receiver: Receiver, clock_at: SetClock) -> None:
    """After the last of eleven tries; its admin reads why, and the audit log has it."""
    made, _ = told.webhooks("root").add("webhook", receiver.url, tenant="acme")
    now = clock.now()
    receiver.statuses += [500] * 20
    told.happens("request.approved")
    for wait in (timedelta(), *BACKOFF, timedelta(days=9)):
        now += wait
        clock_at(now)
        told.delivering().once()
    assert len(receiver.got) == len(BACKOFF) + 1
    with told.loop.platform.database.read() as tx:
        hook = webhooks.get(tx, "platform", made.id)
        assert hook is not None
        assert hook.disabled_why == "it took nothing in 11 tries: it answered 500"
        assert audit.entries(tx, subject=made.id)[-1].action == "webhook.disabled"


def test_who_is_gone_is_told_nothing_more(told: Told, receiver: Receiver) -> None:
    """410 says so."""
    made, _ = told.webhooks("root").add("webhook", receiver.url, tenant="acme")
    receiver.statuses.append(410)
    told.happens("request.approved")
    told.happens("request.done")
    for _ in range(3):
        told.delivering().once()
    assert len(receiver.got) == 1
    view = told.webhooks("root").show(made.id)
    assert (view.state, view.why) == ("disabled", "it answered 410: it is gone")


def test_a_webhook_ends_with_its_makers_role(told: Told, receiver: Receiver) -> None:
    """It never tells what its maker may not see, also of what was written down before."""
    made, _ = told.webhooks("root").add("webhook", receiver.url, tenant="acme")
    told.happens("request.approved")
    with told.loop.platform.database.begin() as tx:
        people.withdraw(tx, "root", Grant("admin", "acme"))
    told.delivering().once()
    assert receiver.got == []
    with told.loop.platform.database.read() as tx:
        hook = webhooks.get(tx, "platform", made.id)
        assert hook is not None
        assert hook.disabled_at is not None


def test_one_that_fails_holds_up_no_other(told: Told, receiver: Receiver) -> None:
    """A sender that raises, and one that stands still, are others' business."""
    root = told.webhooks("root")
    bad, _ = root.add("slack", receiver.url, tenant="acme")
    root.add("webhook", receiver.url, tenant="acme")
    told.happens("request.approved")
    good: list[str] = []

    def send(kind: str, destination: Destination, message: str, event: EventView) -> Outcome:
        del destination, message
        if kind == "slack":
            raise GaiaErrorOfTest
        good.append(event.type)
        return Outcome(True, 200)

    with pytest.raises(GaiaError):
        told.delivering(send).once()
    assert good == ["dev.gaia.request.approved"]
    assert root.show(bad.id).waiting == 1


GaiaErrorOfTest = GaiaError("tried", "it broke", next_step="Nothing.")


@pytest.mark.parametrize("where", ["before it is noted", "before it is sent"])
def test_a_killed_worker_loses_nothing(told: Told, receiver: Receiver, clock_at: SetClock, where: str) -> None:
    """What was sent but not noted is sent again with the same id, when the dead one has had it long enough."""
    told.webhooks("root").add("webhook", receiver.url, tenant="acme")
    now = clock.now()
    clock_at(now)
    told.happens("request.approved")
    real = told.delivering().send

    def dies(kind: str, destination: Destination, message: str, event: EventView) -> Outcome:
        if where == "before it is noted":
            real(kind, destination, message, event)  # type: ignore[arg-type]
        raise Killed

    with pytest.raises(Killed):
        killed(told, dies)
    told.delivering().once()
    assert len(receiver.got) == (where == "before it is noted")
    clock_at(now + webhooks.HELD + LATER)
    told.delivering().once()
    assert len(set(receiver.ids())) == 1
    assert len(receiver.got) == (2 if where == "before it is noted" else 1)


def killed(told: Told, send: Send) -> None:
    """One pass of a process that dies on the way: nothing is let go of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(webhooks, "let_go", lambda *_, **__: None)
        told.delivering(send).once()


def test_two_workers_send_once(told: Told, receiver: Receiver) -> None:
    """While one has it, another finds nothing to do."""
    told.webhooks("root").add("webhook", receiver.url, tenant="acme")
    told.happens("request.approved")
    inner: list[int] = []

    def send(kind: str, destination: Destination, message: str, event: EventView) -> Outcome:
        del kind, destination, message, event
        told.delivering().once()
        inner.append(len(receiver.got))
        return Outcome(True, 200)

    told.delivering(send).once()
    assert inner == [0]


def test_a_clock_that_was_wrong_keeps_nothing_for_days(told: Told, receiver: Receiver, clock_at: SetClock) -> None:
    """What was to be tried in the far future is tried now."""
    made, _ = told.webhooks("root").add("webhook", receiver.url, tenant="acme")
    now = clock.now()
    told.happens("request.approved")
    receiver.statuses.append(500)
    clock_at(now + timedelta(days=400))
    told.delivering().once()
    clock_at(now)
    told.delivering().once()
    assert [one.status for one in told.webhooks("root").deliveries(made.id)] == ["delivered"]


def test_what_was_delivered_is_forgotten_after_a_month(told: Told, receiver: Receiver, clock_at: SetClock) -> None:
    """The audit log has what happened."""
    made, _ = told.webhooks("root").add("webhook", receiver.url, tenant="acme")
    told.happens("request.approved")
    told.delivering().once()
    told.happens("request.done")
    clock_at(clock.now() + timedelta(days=31))
    told.delivering().once()
    with told.loop.platform.database.read() as tx:
        assert [one.type for one in deliveries.newest(tx, made.id, limit=9)] == ["request.done"]
