"""gaia.platform.approvals.signers: a signature counts as long as its signer could give it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, update
from tests.unit.platform.acts.test_deciding import SECURITY, TWO, code, joined, ruled, words
from tests.unit.platform.callers.test_delegating import given

from gaia.errors import Conflict
from gaia.kit import clock
from gaia.platform.applying import apply_run
from gaia.records import delegations, people, tables
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.platform.loop import Loop

    from gaia.records.database import Transaction


def shut_out(tx: Transaction) -> None:
    """lea is disabled."""
    people.set_disabled(tx, "lea", True)


def without_role(tx: Transaction) -> None:
    """lea is no approver any more."""
    people.withdraw(tx, "lea", Grant("approver", "acme"))


@pytest.mark.parametrize("lapse", [shut_out, without_role])
def test_who_may_no_longer_approve_does_not_count(loop: Loop, lapse: Callable[[Transaction], None]) -> None:
    """The second signature is one of two again, and the first is shown for what it is."""
    request = ruled(loop, TWO).previewed()
    loop.as_("lea").approve(request)
    with loop.platform.database.begin() as tx:
        lapse(tx)
    assert words(loop, request) == "0 of 2 approvals"
    needed = loop.view(request).approvals_needed
    assert needed is not None
    assert needed.by == ("lea (may no longer approve)",)
    assert loop.as_("gus").approve(request).status == "waiting"
    assert words(loop, request) == "1 of 2 approvals"
    assert loop.as_("max").approve(request).status == "applying"


def test_an_application_counts_again(loop: Loop) -> None:
    """Enough signed; one of them is shut out before it begins."""
    request = ruled(loop, TWO).previewed()
    loop.as_("gus").approve(request)
    loop.as_("lea").approve(request)
    with loop.platform.database.begin() as tx:
        shut_out(tx)
    with pytest.raises(Conflict) as caught:
        apply_run.hold(loop.at(request, "hold"))
    assert caught.value.code == "approval-missing"
    with loop.platform.database.begin() as tx:
        people.set_disabled(tx, "lea", False)
    assert loop.carry_out(request).status == "done"


def test_a_group_that_was_left_is_not_met(loop: Loop) -> None:
    """lea signed as one of security, and is none now; another one of them has to."""
    request = ruled(loop, SECURITY).previewed()
    loop.as_("lea").approve(request)
    with loop.platform.database.begin() as tx:
        people.leave(tx, "lea", "security")
    assert words(loop, request) == "1 of 2 approvals; waits for one of group security"
    assert loop.as_("gus").approve(request).status == "waiting"
    joined(loop, "sid", "security")
    assert loop.as_("sid").approve(request).status == "applying"


def test_the_one_in_whose_name_it_was_counts(loop: Loop) -> None:
    """gus signed for lea, who may no longer."""
    request = ruled(loop, TWO).previewed()
    given(loop, "lea", "gus")
    loop.as_("gus").approve(request, on_behalf="lea")
    with loop.platform.database.begin() as tx:
        without_role(tx)
    assert loop.as_("max").approve(request).status == "waiting"


def test_what_a_provider_said_stands_until_they_are_shut_out(loop: Loop) -> None:
    """Nobody knows their groups, and so their roles, until they call again."""
    request = ruled(loop, TWO).previewed()
    loop.as_("lea").approve(request)
    with loop.platform.database.begin() as tx:
        without_role(tx)
        row = {"issuer": "https://id", "subject": "u", "person": people.get_person(tx, "lea").id}
        tx.change(insert(tables.identities).values(created_at=clock.now(), **row))
    assert words(loop, request) == "1 of 2 approvals"
    with loop.platform.database.begin() as tx:
        shut_out(tx)
    assert words(loop, request) == "0 of 2 approvals"


def test_rules_that_ask_for_less_are_met_by_what_was_signed(loop: Loop) -> None:
    """Whoever signed approves again, which counts anew; no second signature is made."""
    request = ruled(loop, TWO).previewed()
    loop.as_("gus").approve(request)
    assert code(Conflict, loop, "gus", request) == "already-decided"
    loop.clone.moved(**{"approvals/rules.yaml": TWO.replace("2", "1")})
    assert loop.as_("gus").approve(request).status == "applying"
    assert len(loop.approvals(request)) == 1
    assert loop.carry_out(request).status == "done"


@pytest.mark.parametrize("lapse", ["revoked", "over", "roles", "disabled", "other place"])
def test_who_signed_in_anothers_name_needs_their_leave_still(loop: Loop, lapse: str) -> None:
    """gus signed for lea: it counts as long as she lets him there, and he may see what it is about."""
    request = ruled(loop, TWO).previewed()
    delegation = given(loop, "lea", "gus")
    loop.as_("gus").approve(request, on_behalf="lea")
    assert words(loop, request) == "1 of 2 approvals"
    mine = update(tables.delegations)
    with loop.platform.database.begin() as tx:
        match lapse:
            case "revoked":
                delegations.revoke(tx, delegation, at=clock.now())
            case "over":
                tx.change(mine.values(until=clock.now()))
            case "other place":
                tx.change(mine.values(stage="prod"))
            case "roles":
                for grant in people.get_person(tx, "gus").grants:
                    people.withdraw(tx, "gus", grant)
            case _:
                people.set_disabled(tx, "gus", True)
    assert words(loop, request) == "0 of 2 approvals"
    assert loop.as_("max").approve(request).status == "waiting"


def test_an_application_needs_the_leave_too(loop: Loop) -> None:
    """Enough signed, one of them in another's name, who took her leave back before it begins."""
    request = ruled(loop, TWO).previewed()
    delegation = given(loop, "lea", "gus")
    loop.as_("gus").approve(request, on_behalf="lea")
    assert loop.as_("max").approve(request).status == "applying"
    with loop.platform.database.begin() as tx:
        delegations.revoke(tx, delegation, at=clock.now())
    with pytest.raises(Conflict) as caught:
        apply_run.hold(loop.at(request, "hold"))
    assert caught.value.code == "approval-missing"


def test_in_anothers_name_their_groups_here_count(loop: Loop) -> None:
    """lea left security since, and a provider vouches for her: it could not be signed so again."""
    request = ruled(loop, SECURITY).previewed()
    given(loop, "lea", "gus")
    loop.as_("gus").approve(request, on_behalf="lea")
    with loop.platform.database.begin() as tx:
        people.leave(tx, "lea", "security")
        row = {"issuer": "https://id", "subject": "u", "person": people.get_person(tx, "lea").id}
        tx.change(insert(tables.identities).values(created_at=clock.now(), **row))
    assert words(loop, request) == "1 of 2 approvals; waits for one of group security"
