"""Approvals by several: who counts, what waits, what is asked again before anything is changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from gaia.access.callers import authenticate
from gaia.errors import Conflict, GaiaError, Invalid, Refused
from gaia.kit import clock
from gaia.platform.acts.service import Platform
from gaia.platform.approvals import signing
from gaia.records import approvals, people, tables
from gaia.records.model import Grant, Role

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

TWO = "approvals: [{tenant: acme, stage: dev, approvers: 2}]\n"
SECURITY = "approvals: [{stage: 'd*', approvers: 2, groups: [security]}]\n"
AUTO = "data.gaia.request.auto_approve"
PROOF = "approvals: [{proof: 15m}]\n"


def ruled(loop: Loop, text: str) -> Loop:
    """The loop with a rule of approval, and lea and max who may approve, lea as one of group security."""
    loop.clone.moved(**{"approvals/rules.yaml": text})
    joined(loop, "lea", "security")
    joined(loop, "max")
    return loop


def joined(loop: Loop, name: str, *groups: str, role: Role = "approver") -> None:
    """One more person."""
    with loop.platform.database.begin() as tx:
        people.add_person(tx, name, at=clock.now())
        people.grant(tx, name, Grant(role, "acme"))
        for group in groups:
            people.join(tx, name, group)
        expires = clock.now() + timedelta(days=1)
        loop.tokens[name] = people.create_token(tx, name, at=clock.now(), expires=expires)[1]


def proved(loop: Loop, who: str, ago: timedelta | None) -> Platform:
    """Somebody who has proved with a second factor who they are."""
    with loop.platform.database.read() as tx:
        caller = authenticate(tx, loop.tokens[who], clock.now())
    return Platform(loop.platform, replace(caller, proved_at=None if ago is None else clock.now() - ago))


def code(error: type[GaiaError], loop: Loop, who: str, request: str, **more: str) -> str:
    """What an approval is refused with."""
    with pytest.raises(error) as caught:
        loop.as_(who).approve(request, **more)
    return caught.value.code


def words(loop: Loop, request: str) -> str:
    """What is shown of what it waits for, alone and in the list."""
    needed = loop.view(request).approvals_needed
    [line] = [one for one in loop.as_("ann").requests() if one.id == request]
    assert needed == line.approvals_needed
    return needed.words if needed else ""


def test_two_people_approve_before_anything_is_queued(loop: Loop) -> None:
    """The first waits for the second; both are signed, and then it is applied."""
    request = ruled(loop, TWO).previewed()
    assert words(loop, request) == "0 of 2 approvals"
    view = loop.as_("gus").approve(request, reason="small")
    assert (view.status, [run.kind for run in view.runs]) == ("waiting", ["preview"])
    assert words(loop, request) == "1 of 2 approvals"
    view = loop.as_("max").approve(request)
    assert (view.status, view.runs[-1].kind, view.approvals_needed) == ("applying", "apply", None)
    assert [one.by for one in view.approvals] == ["gus", "max"]
    assert len({(one.preview, one.judgement) for one in loop.approvals(request)}) == 1
    assert loop.carry_out(request).status == "done"
    assert loop.audited(request).count("request.signed") == 1
    assert loop.audited(request).count("request.approved") == 1


def test_the_same_person_counts_once_and_the_requester_never(loop: Loop) -> None:
    """Asked again, gus is told that he has; ann may not, whatever her roles."""
    request = ruled(loop, TWO).previewed()
    with loop.platform.database.begin() as tx:
        people.grant(tx, "ann", Grant("admin", "acme"))
    assert code(Refused, loop, "ann", request) == "approver-is-requester"
    loop.as_("gus").approve(request)
    assert code(Conflict, loop, "gus", request) == "already-decided"
    assert words(loop, request) == "1 of 2 approvals"


def test_a_group_has_to_be_among_the_approvers(loop: Loop) -> None:
    """Two approvals without security are not enough; hers completes them."""
    request = ruled(loop, SECURITY).previewed()
    loop.as_("gus").approve(request)
    assert words(loop, request) == "1 of 2 approvals; waits for one of group security"
    assert loop.as_("max").approve(request).status == "waiting"
    assert words(loop, request) == "2 of 2 approvals; waits for one of group security"
    assert loop.as_("lea").approve(request).status == "applying"
    assert loop.carry_out(request).status == "done"


def test_who_left_the_group_before_signing_is_not_in_it(loop: Loop) -> None:
    """The groups are those of the moment of the signature, not those that the door knew of."""
    request = ruled(loop, "approvals: [{any_of: [security, audit]}]\n").previewed()
    lea = loop.as_("lea")
    with loop.platform.database.begin() as tx:
        people.leave(tx, "lea", "security")
    assert lea.approve(request).status == "waiting"
    assert words(loop, request) == "1 of 1 approval; waits for one of group security or audit"
    with loop.platform.database.begin() as tx:
        people.join(tx, "lea", "audit")
    assert lea.approve(request).status == "applying"
    first, second = loop.approvals(request)
    assert (first.voided_why, second.groups) == ("signed again", ("audit",))


def test_a_rejection_voids_what_was_signed(loop: Loop) -> None:
    """One no is enough, also of somebody who said yes before."""
    request = ruled(loop, TWO).previewed()
    loop.as_("gus").approve(request)
    assert loop.as_("gus").reject(request, reason="on second thought").status == "rejected"
    assert [(one.decision, one.voided_why) for one in loop.approvals(request)] == [
        ("approved", "rejected"),
        ("rejected", ""),
    ]


@pytest.mark.parametrize("ago", [None, timedelta(minutes=16), timedelta(minutes=-1)], ids=str)
def test_a_second_factor_is_asked_for(loop: Loop, ago: timedelta | None) -> None:
    """Without one, with an old one, or with one from the future nothing is signed."""
    request = ruled(loop, PROOF).previewed()
    with pytest.raises(Refused) as caught:
        proved(loop, "gus", ago).approve(request)
    assert caught.value.code == "proof-needed"
    assert loop.approvals(request) == ()
    view = proved(loop, "gus", timedelta(minutes=14)).approve(request)
    assert view.status == "applying"
    assert loop.carry_out(request).status == "done"


def test_a_preview_waits_no_longer_than_the_rule_says(loop: Loop) -> None:
    """The request expires then, and who approves later by the clock of its preview is refused."""
    request = ruled(loop, "approvals: [{within: 30m}]\n").previewed()
    row = loop.row(request)
    assert row.expires_at is not None
    assert timedelta(minutes=29) < row.expires_at - clock.now() <= timedelta(minutes=30)
    with loop.platform.database.begin() as tx:
        tx.change(update(tables.requests).values(expires_at=clock.now() + timedelta(days=1)))
        tx.change(update(tables.previews).values(made_at=clock.now() - timedelta(minutes=31)))
    assert code(Conflict, loop, "gus", request) == "request-expired"


def test_a_change_cannot_loosen_its_own_rule(loop: Loop) -> None:
    """The rule is read from what is published, also where the request's branch has none or another one."""
    request = loop.previewed()  # of a commit without a rule
    ruled(loop, TWO)
    assert loop.as_("gus").approve(request).status == "waiting"
    assert words(loop, request) == "1 of 2 approvals"


def test_a_rule_that_became_stricter_is_asked_before_anything_is_changed(loop: Loop) -> None:
    """Approved by one, who was enough; by the time the run begins two have to."""
    request = loop.approved()
    ruled(loop, TWO)
    view = loop.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("parked", "approval-missing")
    assert not [one for one in loop.world.commands if one.startswith("apply")]
    resumed = loop.as_("gus").resume(request)
    assert (resumed.status, [one.voided for one in resumed.approvals if one.voided]) == ("submitted", [view.reason])


def test_a_rule_that_became_stricter_between_hold_and_rebase_voids(loop: Loop) -> None:
    """The new rule comes with the commit that the change is put on."""
    request = loop.approved()
    loop.carry_out(request, until="rebase")
    ruled(loop, TWO)
    view = loop.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("waiting", "approval-void")
    assert "ask for more than was signed" in view.reason
    assert words(loop, request) == "0 of 2 approvals"


@pytest.mark.parametrize("step", ["rebase", "publish"])
def test_each_act_counts_the_signatures_again(loop: Loop, step: str) -> None:
    """One of two is voided while the run goes on: nothing more is changed."""
    request = ruled(loop, TWO).previewed()
    loop.as_("gus").approve(request)
    loop.as_("max").approve(request)
    loop.carry_out(request, until=step)
    with loop.platform.database.begin() as tx:
        gus = people.get_person(tx, "gus")
        approvals.void_of(tx, request, gus.id, "withdrawn", at=clock.now())
    with pytest.raises(Conflict) as caught:
        signing.signed(loop.at(request, step))
    assert caught.value.code == "approval-missing"


def test_a_forged_second_approval_counts_for_nothing(loop: Loop) -> None:
    """Written into the table without the key."""
    request = ruled(loop, TWO).previewed()
    loop.as_("gus").approve(request)
    loop.as_("max").approve(request)
    with loop.platform.database.begin() as tx:
        tx.change(update(tables.approvals).where(tables.approvals.c.reason == "").values(reason="forged"))
    view = loop.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("parked", "approval-missing")


def test_a_rule_that_cannot_be_read_lets_nothing_through(loop: Loop) -> None:
    """Nobody approves, no policy does, and the error says where."""
    loop.rules.says[AUTO] = lambda _: True
    request = ruled(loop, "approvals: [{approvers: none}]\n").previewed()
    assert loop.view(request).status == "waiting"
    assert loop.view(request).approvals_needed is None
    with pytest.raises(Invalid) as caught:
        loop.as_("gus").approve(request)
    assert caught.value.code == "approval-rule-invalid"
    assert str(caught.value.at).startswith("approvals/rules.yaml:1")


def test_a_rule_may_forbid_policies_to_approve(loop: Loop) -> None:
    """Without it the policy's yes is recorded as the policy's; with it a person decides."""
    loop.rules.says[AUTO] = lambda _: True
    view = loop.view(loop.previewed())
    assert (view.status, [one.by for one in view.approvals]) == ("applying", ["policy"])
    request = ruled(loop, "approvals: [{may_policy_approve: false}]\n").previewed("music")
    assert (loop.view(request).status, loop.approvals(request)) == ("waiting", ())
    assert "no policy is asked to approve: approvals/rules.yaml:1 forbids it" in loop.lines(request)


def test_what_a_policy_approved_is_not_applied_once_a_rule_forbids_it(loop: Loop) -> None:
    """`hold` asks the rules that are published then."""
    loop.rules.says[AUTO] = lambda _: True
    request = loop.previewed()
    ruled(loop, "approvals: [{may_policy_approve: false}]\n")
    view = loop.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("parked", "approval-missing")
