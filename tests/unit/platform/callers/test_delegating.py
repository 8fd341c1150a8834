"""Approving in another's name, and what people say of a request."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from tests.unit.platform.acts.test_deciding import SECURITY, TWO, code, joined, ruled, words

from gaia.access.callers import authenticate
from gaia.errors import Conflict, Invalid, NotFound, Refused
from gaia.kit import clock
from gaia.platform.callers.people import People
from gaia.records import comments, people, tables
from gaia.records.model import Grant

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

    from gaia.platform.callers.delegating import Delegations

DAY = timedelta(days=1)


def delegations(loop: Loop, who: str) -> Delegations:
    """Those of somebody."""
    with loop.platform.database.read() as tx:
        caller = authenticate(tx, loop.tokens[who], clock.now())
    return People(loop.platform.database, loop.platform.audit, caller).delegations


def given(loop: Loop, owner: str, to: str, stage: str = "dev") -> str:
    """A delegation of a day; its id."""
    return delegations(loop, owner).give(to, tenant="acme", stage=stage, until=clock.now() + DAY).id


def test_it_counts_as_the_approval_of_the_other(loop: Loop) -> None:
    """Shown, signed and audited as gus for lea, with her groups; her own does not count beside it."""
    request = ruled(loop, SECURITY).previewed()
    given(loop, "lea", "gus")
    view = loop.as_("gus").approve(request, on_behalf="lea")
    assert [one.signer for one in view.approvals] == ["gus for lea"]
    assert view.approvals_needed is not None
    assert view.approvals_needed.by == ("gus for lea",)
    assert words(loop, request) == "1 of 2 approvals"
    assert loop.as_("lea").approve(request).status == "waiting"
    assert words(loop, request) == "1 of 2 approvals"
    assert loop.as_("max").approve(request).status == "applying"
    assert loop.carry_out(request).status == "done"
    assert any("approved by gus for lea" in line.text for line in loop.as_("ann").why("photos").lines)


def test_one_person_does_not_approve_twice_under_two_names(loop: Loop) -> None:
    """gus for lea, then gus: the later one takes the place of the earlier."""
    request = ruled(loop, TWO).previewed()
    given(loop, "lea", "gus")
    loop.as_("gus").approve(request, on_behalf="lea")
    assert loop.as_("gus").approve(request).status == "waiting"
    assert words(loop, request) == "1 of 2 approvals"


def test_who_may_only_see_approves_by_delegation(loop: Loop) -> None:
    """vic looks on; in gus's name she approves, and no longer once he may not himself."""
    request = loop.previewed()
    assert code(Refused, loop, "vic", request, on_behalf="gus") == "delegation-missing"
    given(loop, "gus", "vic")
    with loop.platform.database.begin() as tx:
        people.withdraw(tx, "gus", Grant("approver", "acme"))
    assert code(Refused, loop, "vic", request, on_behalf="gus") == "delegation-missing"
    with loop.platform.database.begin() as tx:
        people.grant(tx, "gus", Grant("approver", "acme"))
    assert loop.as_("vic").approve(request, on_behalf="gus").status == "applying"


def test_never_for_what_one_of_the_two_asked_for(loop: Loop) -> None:
    """Neither by the requester, nor in the requester's name."""
    request = loop.previewed()
    with loop.platform.database.begin() as tx:
        people.grant(tx, "ann", Grant("approver", "acme"))
    given(loop, "gus", "ann")
    given(loop, "ann", "vic")
    assert code(Refused, loop, "ann", request, on_behalf="gus") == "approver-is-requester"
    assert code(Refused, loop, "vic", request, on_behalf="ann") == "approver-is-requester"
    assert loop.approvals(request) == ()


@pytest.mark.parametrize("why", ["revoked", "over", "elsewhere", "nobody", "disabled"])
def test_what_does_not_hold_approves_of_nothing(loop: Loop, why: str) -> None:
    """One answer, whatever the reason is, and it is in the audit log."""
    request = loop.previewed()
    made = given(loop, "gus", "vic", stage="prod" if why == "elsewhere" else "dev")
    if why == "revoked":
        assert delegations(loop, "gus").revoke(made).holds is False
    with loop.platform.database.begin() as tx:
        if why == "over":
            tx.change(update(tables.delegations).values(until=clock.now() - DAY))
        if why == "disabled":
            people.set_disabled(tx, "gus", True)
    name = "who" if why == "nobody" else "gus"
    assert code(Refused, loop, "vic", request, on_behalf=name) == "delegation-missing"
    assert loop.audited(request)[-1] == "request.approve"


def test_a_token_that_may_not_approve_is_told_so(loop: Loop) -> None:
    """It is the token that is wrong, not the delegation."""
    request = loop.previewed()
    given(loop, "gus", "vic")
    with loop.platform.database.begin() as tx:
        end = clock.now() + DAY
        _, loop.tokens["vic"] = people.create_token(tx, "vic", at=clock.now(), expires=end, scopes=["see"])
    with pytest.raises(Refused) as caught:
        loop.as_("vic").approve(request, on_behalf="gus")
    assert caught.value.code == "not-permitted"
    assert "a token with the scope" in str(caught.value.next_step)


def test_a_delegation_names_a_place_and_somebody_who_may_call(loop: Loop) -> None:
    """No other pattern, nothing that a terminal obeys, nobody who was shut out."""
    with loop.platform.database.begin() as tx:
        people.set_disabled(tx, "vic", True)
    for tenant, to, said in (
        ("ac*", "vic", "name-invalid"),
        ("acme\x1b[2J", "vic", "name-invalid"),
        ("acme", "vic", "delegation-disabled"),
    ):
        with pytest.raises(Invalid) as caught:
            delegations(loop, "gus").give(to, tenant=tenant, stage="dev", until=clock.now() + DAY)
        assert caught.value.code == said


def test_who_may_not_approve_delegates_nothing(loop: Loop) -> None:
    """Neither where they only look, nor where they see nothing; and to whom and until when has to make sense."""
    for who, error, said in (("vic", Refused, "not-permitted"), ("bob", NotFound, "place-unknown")):
        with pytest.raises(error) as caught:
            given(loop, who, "gus")
        assert caught.value.code == said
    mine = delegations(loop, "gus")
    for to, until, kind, said in (
        ("gus", DAY, Invalid, "delegation-self"),
        ("who", DAY, NotFound, "person-unknown"),
        ("bob", DAY, NotFound, "person-unknown"),  # of another tenant
        ("vic", -DAY, Invalid, "delegation-until"),
        ("vic", 400 * DAY, Invalid, "delegation-until"),
    ):
        with pytest.raises(kind) as refused:
            mine.give(to, tenant="acme", stage="dev", until=clock.now() + until)
        assert refused.value.code == said
    assert mine.known() == ()


def test_only_the_two_of_it_see_and_end_a_delegation(loop: Loop) -> None:
    """For others it is not there."""
    joined(loop, "max")
    made = given(loop, "gus", "vic")
    assert [one.id for one in delegations(loop, "vic").known()] == [made]
    assert delegations(loop, "max").known() == ()
    with pytest.raises(NotFound) as caught:
        delegations(loop, "max").revoke(made)
    assert caught.value.code == "delegation-unknown"
    assert delegations(loop, "vic").revoke(made).revoked_at is not None
    assert loop.audited(made) == ["delegation.created", "delegation.revoke", "delegation.revoked"]


def test_what_people_say_is_shown_to_everybody_who_sees_the_request(loop: Loop) -> None:
    """In order, with who and when; who only looks says nothing, and nobody says nothing at all or too much."""
    request = loop.previewed()
    loop.as_("gus").comment(request, "Which \x1b[31mbucket?")
    view = loop.as_("ann").comment(request, "The one for photos.")
    assert [(one.by, one.text) for one in view.comments] == [
        ("gus", "Which \x1b[31mbucket?"),
        ("ann", "The one for photos."),
    ]
    assert loop.as_("vic").request(request).comments == view.comments
    for who, text, kind, said in (
        ("vic", "me too", Refused, "not-permitted"),
        ("bob", "hello", NotFound, "request-unknown"),
        ("gus", " \n", Invalid, "comment-empty"),
        ("gus", "x" * 1001, Invalid, "text-too-long"),
        ("gus", "\ud800", Invalid, "text-invalid"),
    ):
        with pytest.raises(kind) as caught:
            loop.as_(who).comment(request, text)
        assert caught.value.code == said
    assert loop.audited(request).count("request.commented") == 2


def test_there_are_not_more_comments_than_can_be_shown(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """One error says so."""
    monkeypatch.setattr(comments, "MOST", 1)
    request = loop.previewed()
    loop.as_("gus").comment(request, "one")
    with pytest.raises(Conflict) as caught:
        loop.as_("gus").comment(request, "two")
    assert caught.value.code == "comments-full"
