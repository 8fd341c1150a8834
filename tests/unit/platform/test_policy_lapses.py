"""A policy's signature counts as long as the policy stands on the branch and whoever asked could ask again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from tests.unit.platform.loop import FILES, KEY, STACK, STORE
from tests.unit.platform.played import refused

from gaia.errors import Conflict, GaiaError, NotFound
from gaia.platform.approvals import signing
from gaia.records import audit, people
from gaia.records.model import Grant
from gaia.records.tables import requests as table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.platform.loop import Loop

    from gaia.records.database import Transaction
    from gaia.records.model import Entry

pytestmark = pytest.mark.hypothesis
AUTO = "data.gaia.request.auto_approve"
POLICY = "policies/request/auto_approval.rego"
WITHDRAWN = FILES[POLICY] + "\n# withdrawn\n"


def shut_out(tx: Transaction) -> None:
    """ann is disabled."""
    people.set_disabled(tx, "ann", True)


def without_role(tx: Transaction) -> None:
    """ann may ask for nothing any more."""
    people.withdraw(tx, "ann", Grant("developer", "acme"))


LAPSES = pytest.mark.parametrize("lapse", [shut_out, without_role])


def until_withdrawn(loop: Loop) -> None:
    """The policy says yes wherever nobody has taken it back."""
    real = loop.rules._answer

    def answer(modules: object, document: object, reference: str) -> object:
        withdrawn = any("# withdrawn" in one.text for one in modules)  # type: ignore[attr-defined]
        loop.rules.says[AUTO] = lambda _: not withdrawn
        return real(modules, document, reference)  # type: ignore[arg-type]

    loop.rules._answer = answer  # type: ignore[method-assign, assignment]


def lapsed(loop: Loop, lapse: Callable[[Transaction], None]) -> None:
    """It happens now."""
    with loop.platform.database.begin() as tx:
        lapse(tx)


def signed_by_policy(loop: Loop) -> str:
    """A request that a policy has approved; its application is queued."""
    until_withdrawn(loop)
    request = loop.previewed()
    assert loop.row(request).status == "applying"
    return request


@LAPSES
def test_a_policy_signs_nothing_for_who_may_no_longer_ask(loop: Loop, lapse: Callable[[Transaction], None]) -> None:
    """The right was lost while the preview ran: the request waits for a person, and says why."""
    until_withdrawn(loop)
    request = loop.ask()
    lapsed(loop, lapse)
    loop.carry_out_as("gus", request)
    row = loop.row(request)
    assert (row.status, loop.approvals(request)) == ("waiting", ())
    assert row.reason.startswith("ann")
    assert "no policy approves" in row.reason
    assert loop.as_("gus").approve(request).status == "applying"


@LAPSES
def test_a_change_in_line_begins_in_nobodys_name(loop: Loop, lapse: Callable[[Transaction], None]) -> None:
    """It waited behind an application, in which time whoever asked for it lost the right."""
    until_withdrawn(loop)
    first = loop.previewed()
    change = loop.as_("ann").change("photos", STACK, {"text": "other"}).id
    assert loop.row(change).status == "queued"
    loop.carry_out(first)
    lapsed(loop, lapse)
    loop.carry_out_as("gus", change)
    assert (loop.row(change).status, loop.approvals(change)) == ("waiting", ())
    assert "no policy approves" in loop.row(change).reason


@LAPSES
def test_what_a_policy_signed_is_not_begun_in_their_name(loop: Loop, lapse: Callable[[Transaction], None]) -> None:
    """Between the signature and the first act: back to a person, and nothing was made."""
    request = signed_by_policy(loop)
    lapsed(loop, lapse)
    loop.carry_out_as("gus", request)
    row, [approval] = loop.row(request), loop.approvals(request)
    assert (row.status, loop.run(request).code) == ("waiting", "approval-void")
    assert "no policy approves" in row.reason
    assert approval.voided_at is not None
    assert loop.world.states == {}
    assert loop.as_("gus").approve(request).status == "applying"
    loop.carry_out_as("gus", request)
    assert set(loop.world.states) == {KEY, STORE}


def test_an_application_in_their_name_stops_between_two_instances(loop: Loop) -> None:
    """What is there stays, the rest is not made; it is previewed again, for somebody to decide on."""
    request = signed_by_policy(loop)
    loop.carry_out(request, until=f"apply {KEY}")
    lapsed(loop, shut_out)
    with pytest.raises(Conflict) as caught:
        signing.signed(loop.at(request, f"apply {KEY}"))
    assert caught.value.code == "approval-missing"
    loop.carry_out_as("gus", request)
    assert (loop.row(request).status, loop.world.states) == ("parked", {})
    assert loop.as_("gus").resume(request).status == "submitted"
    loop.carry_out_as("gus", request)
    assert loop.row(request).status == "waiting"


def test_a_retirement_of_who_may_no_longer_ask_takes_another_person(done: Loop) -> None:
    """Its requester's word was to be enough, and is worth nothing."""
    until_withdrawn(done)
    request = done.as_("ann").retire("photos", STACK).id
    lapsed(done, without_role)
    done.carry_out_as("gus", request)
    view = done.as_("gus").request(request)
    assert (view.status, view.confirms) == ("waiting", False)


def test_a_policy_that_was_withdrawn_while_it_was_previewed_signs_nothing(loop: Loop) -> None:
    """The commit that was previewed still has it; the branch has not."""
    until_withdrawn(loop)
    request = loop.ask()
    loop.carry_out(request, until="judge")
    loop.clone.moved(**{POLICY: WITHDRAWN})
    assert loop.carry_out(request).status == "waiting"
    assert loop.approvals(request) == ()


@pytest.mark.parametrize("step", ["hold", "rebase"])
def test_what_a_withdrawn_policy_signed_is_not_applied(loop: Loop, step: str) -> None:
    """Withdrawn between its signature and the first act, wherever that is noticed."""
    request = signed_by_policy(loop)
    loop.carry_out(request, until=step)
    loop.clone.moved(**{POLICY: WITHDRAWN})
    view = loop.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("waiting", "approval-void")
    assert "the policy that approved of it does so no longer" in view.reason
    assert loop.world.states == {}


def test_a_policy_is_asked_again_of_what_would_be_done_now(loop: Loop) -> None:
    """Others published; what it costs now, or what is found, may be more than the policy lets by."""
    loop.rules.says[AUTO] = lambda document: not document["findings"]
    request = loop.previewed()
    loop.rules.always("plan.polite.warn", "hm")
    loop.clone.moved()
    view = loop.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("waiting", "approval-void")
    assert "does so no longer" in view.reason


def test_a_policy_that_stands_holds(loop: Loop) -> None:
    """Others published something, and the policy says the same of it."""
    request = signed_by_policy(loop)
    loop.clone.moved()
    assert loop.carry_out(request).status == "done"


def test_a_policy_that_cannot_be_asked_again_does_not_count(loop: Loop) -> None:
    """Nobody knows whether it still says so: a person decides."""
    request = signed_by_policy(loop)
    loop.rules.raises[AUTO] = Conflict("policy-engine-crashed", "it crashed", next_step="")
    view = loop.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("waiting", "approval-void")
    assert "no policy could be asked" in view.reason


# --- what becomes of a failure ---------------------------------------------------------------------------------------


def said(loop: Loop, request: str, on_failure: str) -> None:
    """Somebody writes it into the row."""
    with loop.platform.database.begin() as tx:
        tx.change(update(table).where(table.c.id == request).values(on_failure=on_failure))


@pytest.mark.parametrize(("signed", "row", "end"), [("undo", "park", "failed"), ("park", "undo", "parked")])
def test_what_becomes_of_a_failure_is_what_was_signed(loop: Loop, signed: str, row: str, end: str) -> None:
    """A row that says something else since changes nothing."""
    request = loop.as_("ann").submit("pair", "photos", STACK, {"text": "hello"}, on_failure=signed).id  # type: ignore[arg-type]
    loop.carry_out(request)
    loop.as_("gus").approve(request)
    loop.world.fails[STORE] = refused("it does not work")
    said(loop, request, row)
    assert loop.carry_out(request).status == end
    assert set(loop.world.states) == (set() if signed == "undo" else {KEY})


def test_nobody_signs_something_else_than_is_shown(loop: Loop) -> None:
    """The request's row was changed since its preview: neither is what an approver has read."""
    request = loop.previewed()
    said(loop, request, "undo")
    with pytest.raises(Conflict) as caught:
        loop.as_("gus").approve(request)
    assert caught.value.code == "request-changed"
    assert loop.as_("gus").reject(request, reason="changed").status == "rejected"


# --- what was refused is written down --------------------------------------------------------------------------------


def refusals_of(loop: Loop, subject: str) -> list[Entry]:
    """What the audit log says was refused."""
    with loop.platform.database.read() as tx:
        return list(audit.entries(tx, subject=subject, outcome="refused"))


def test_a_decision_in_the_old_place_is_written_down(waiting: Loop) -> None:
    """The stack is elsewhere now: the refusal is in the log, once, with its code."""
    elsewhere = "settings: {gaia: {scope: {stage: pci}}}\n"
    waiting.clone.moved(**{"stacks/net.yaml": FILES["stacks/net.yaml"] + elsewhere})
    with pytest.raises(GaiaError):
        waiting.as_("gus").approve(waiting.request)
    [entry] = refusals_of(waiting, waiting.request)
    assert (entry.action, entry.facts["code"]) == ("request.approve", "scope-changed")
    assert (entry.tenant, entry.stage) == ("acme", "dev")


@pytest.mark.parametrize("act", ["approve", "reject", "cancel", "resume", "comment"])
def test_who_decides_on_what_they_may_not_see_is_written_down(waiting: Loop, act: str) -> None:
    """It is not there for them, and somebody can see that they tried; looking for it is no act."""
    bob = waiting.as_("bob")
    calls: dict[str, Callable[[], object]] = {
        "approve": lambda: bob.approve(waiting.request), "reject": lambda: bob.reject(waiting.request, reason="no"),
        "cancel": lambda: bob.cancel(waiting.request), "resume": lambda: bob.resume(waiting.request),
        "comment": lambda: bob.comment(waiting.request, "hm"),
    }  # fmt: skip
    for call in (calls[act], lambda: bob.request(waiting.request)):
        with pytest.raises(NotFound):
            call()
    [entry] = refusals_of(waiting, waiting.request)
    assert (entry.action, entry.facts["code"]) == (f"request.{act}", "request-unknown")
