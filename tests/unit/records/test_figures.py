"""What stands in the records, counted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert, update
from tests.unit.records.moments import T0

from gaia.kit import telemetry
from gaia.kit.procfs import Identity
from gaia.records import chores, figures, runs, workers
from gaia.records.tables import deliveries, webhooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.kit.telemetry import Span
    from gaia.records.database import Transaction
    from gaia.records.model import Request

LATER = T0 + timedelta(minutes=5)


def test_where_nothing_happened_nothing_is_counted(tx: Transaction) -> None:
    """Zero is zero, and what there is none of is not named."""
    found = figures.read(tx)
    assert (found.requests, found.live, found.oldest, found.chores) == ({}, {}, {}, {})
    assert (found.workers, found.deserted, found.webhooks, found.deliveries) == (0, 0, {}, {})


def test_what_waits_is_counted_with_its_age(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """By kind and status; runs that have ended are not looked at."""
    first, second, third = (make_request(tx, name) for name in ("a", "b", "c"))
    ended = runs.add(tx, first, "preview", ("judge",), at=T0)
    runs.move(tx, ended.id, ["queued"], "running", at=T0)
    runs.move(tx, ended.id, ["running"], "done", at=T0)
    runs.add(tx, second, "preview", ("judge",), at=LATER)
    runs.add(tx, third, "preview", ("judge",), at=T0)
    going = runs.add(tx, first, "apply", ("hold",), at=LATER)
    runs.move(tx, going.id, ["queued"], "running", at=LATER)
    found = figures.read(tx)
    assert found.live == {("preview", "queued"): 2, ("apply", "running"): 1}
    assert found.oldest == {"queued": T0, "running": LATER}
    assert found.requests == {("repo-1", "submitted"): 3}


def test_runs_of_a_worker_that_is_gone_are_deserted(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Until another one has taken them."""
    gone = workers.add(tx, 7, "host", Identity(1, 1, "boot"), "ns", at=T0)
    run = runs.add(tx, make_request(tx), "preview", ("judge",), at=T0)
    assert workers.take(tx, run.id, gone.id, from_=None)
    assert figures.read(tx).deserted == 1
    runs.move(tx, run.id, ["queued"], "failed", at=T0)
    assert figures.read(tx).deserted == 0


def test_chores_are_told_by_when_they_were_begun(tx: Transaction) -> None:
    """By whichever worker."""
    assert chores.take(tx, "repo-1", "notify", timedelta(seconds=2), at=T0)
    assert chores.take(tx, "repo-1", "notify", timedelta(seconds=2), at=LATER)
    assert figures.read(tx).chores == {("repo-1", "notify"): LATER}


def test_a_webhook_fails_where_something_is_tried_again(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """One that was switched off neither fails nor is fine."""
    person = make_request(tx).requester
    for number, name in enumerate(("a", "b", "c")):
        row = {
            "id": name, "repository": "repo-1", "tenant": "*", "stage": "*", "kind": "webhook", "shown": "x",
            "sealed": b"", "types": [], "person": person, "created_at": T0, "cursor": 0, "disabled_why": "",
        }  # fmt: skip
        tx.change(insert(webhooks).values(row))
        sent = {
            "id": f"d{name}", "webhook": name, "seq": 1, "type": "request.done", "status": "waiting", "tries": number,
            "next_at": T0, "error": "", "created_at": T0,
        }  # fmt: skip
        tx.change(insert(deliveries).values(sent))
    tx.change(update(webhooks).where(webhooks.c.id == "c").values(disabled_at=T0))
    found = figures.read(tx)
    assert found.webhooks == {"fine": 1, "failing": 1, "off": 1}
    assert found.deliveries == {"waiting": 3}


def test_what_becomes_of_a_run_is_told(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """That it waited, once; that it ended, with the runs of its request before it."""
    heard: list[Span] = []

    class Listener:
        def begun(self, span: Span) -> None:
            raise AssertionError(span)

        def ended(self, span: Span) -> None:
            heard.append(span)

    request = make_request(tx)
    first = runs.add(tx, request, "preview", ("judge",), at=T0)
    runs.move(tx, first.id, ["queued"], "failed", at=T0)
    second = runs.add(tx, request, "preview", ("judge",), at=T0)
    with telemetry.listening(Listener()):
        runs.move(tx, second.id, ["queued"], "running", at=LATER)
        runs.move(tx, second.id, ["running"], "running", at=LATER)
        runs.move(tx, second.id, ["running"], "failed", at=LATER, reason="hunter-two", code="state-locked")
    wait, end = heard
    assert (wait.name, wait.run, wait.began) == ("wait", second.id, T0)
    assert (end.name, end.before, end.facts["status"], end.facts["code"]) == (
        "run",
        (first.id,),
        "failed",
        "state-locked",
    )
    assert (end.facts["tenant"], end.facts["attempt"], "reason" in end.facts) == ("acme", 2, False)
