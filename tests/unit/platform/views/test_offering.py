"""What doors offer is what the platform lets somebody do, and nothing else."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.loop import STACK

from gaia.access.callers import authenticate
from gaia.errors import GaiaError
from gaia.kit import clock
from gaia.platform.callers.delegating import Delegations
from gaia.platform.views.offering import Offering
from gaia.records import people
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.platform.loop import Loop

    from gaia.access.callers import Caller
    from gaia.platform.acts.service import Platform

EVERYBODY = ("ann", "gus", "vic", "root")
ACTS: dict[str, Callable[[Platform, str], object]] = {
    "approve": lambda door, request: door.approve(request),
    "reject": lambda door, request: door.reject(request, reason="no"),
    "withdraw": lambda door, request: door.reject(request, reason="no"),
    "comment": lambda door, request: door.comment(request, "hm"),
    "cancel": lambda door, request: door.cancel(request),
    "resume": lambda door, request: door.resume(request),
    "change": lambda door, _: door.change("photos", STACK, {"text": "other"}),
    "retire": lambda door, _: door.retire("photos", STACK),
    "keep": lambda door, _: door.keep("photos", STACK),
}

OF_SERVICES = {"change", "retire", "keep"}
NOT_OFFERED = {"waiting": OF_SERVICES, "approved": {"resume", *OF_SERVICES}, "lasting": {"comment"}}
"""What the platform takes, and nobody needs: to talk about what has ended, to resume what is under way."""


def caller_of(loop: Loop, who: str) -> Caller:
    """Somebody, by their token."""
    with loop.platform.database.read() as tx:
        return authenticate(tx, loop.tokens[who], clock.now())


def offering_of(loop: Loop, who: str) -> Offering:
    """What somebody could do."""
    return Offering(loop.platform.database, caller_of(loop, who))


def lend(loop: Loop, owner: str, to: str) -> str:
    """`owner` lets `to` approve everywhere for a day; the delegation's id."""
    mine = Delegations(loop.platform.database, loop.platform.audit, caller_of(loop, owner))
    return mine.give(to, tenant="acme", stage="*", until=clock.now() + timedelta(days=1)).id


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("stage", ["waiting", "approved", "lasting"])
def test_what_is_offered_can_be_done_and_what_is_not_is_refused(
    loop: Loop, stages: Callable[[str, Path], Loop], tmp_path: Path, stage: str, who: str
) -> None:
    """Of a request and of the service that came from it: each act is tried on a loop of its own."""
    loop.platform.database.close()
    found, could = set[str](), set[str]()
    for act, done in ACTS.items():
        loop = stages(stage, tmp_path / act)
        view, mine = loop.view(loop.request), offering_of(loop, who)
        found |= mine.of_request(view).acts | (mine.of_service(view) if stage == "lasting" else set())
        with suppress(GaiaError):
            done(loop.as_(who), loop.request)
            could.add("withdraw" if act == "reject" and who == "ann" else act)
        loop.platform.database.close()
    assert found - {"look"} == could - ({"withdraw"} if who != "ann" else set()) - NOT_OFFERED[stage]


def test_of_another_tenants_request_nothing_is_offered(waiting: Loop) -> None:
    """Nor of its service, nor is it said to wait for them."""
    view = waiting.view(waiting.request)
    bob = offering_of(waiting, "bob")
    assert bob.of_request(view).acts == frozenset()
    assert bob.of_service(view) == frozenset()
    assert bob.awaited(waiting.as_("ann").requests()) == frozenset()
    assert not bob.asks_in("acme", "dev")


def test_it_waits_for_who_may_decide_until_they_have(waiting: Loop) -> None:
    """Where two have to approve, who has done it is not asked again."""
    lines = waiting.as_("ann").requests
    assert {who: bool(offering_of(waiting, who).awaited(lines())) for who in EVERYBODY} == {
        "ann": False, "gus": True, "vic": False, "root": True,
    }  # fmt: skip
    waiting.clone.moved(**{"approvals/two.yaml": "approvals: [{tenant: acme, approvers: 2}]\n"})
    waiting.as_("gus").approve(waiting.request)
    assert not offering_of(waiting, "gus").awaited(lines())
    assert offering_of(waiting, "root").awaited(lines())
    offered = offering_of(waiting, "gus").of_request(waiting.view(waiting.request))
    assert offered.has_signed
    assert "approve" not in offered
    assert "reject" in offered


def test_whoever_is_let_may_approve_in_that_name(waiting: Loop) -> None:
    """While it holds, its owner may themselves, and the owner did not ask."""
    view = waiting.view(waiting.request)
    given = lend(waiting, "gus", "vic")
    vic = offering_of(waiting, "vic").of_request(view)
    assert (vic.names, vic.decides) == (("gus",), True)
    assert waiting.request in offering_of(waiting, "vic").awaited(waiting.as_("ann").requests())
    assert offering_of(waiting, "root").of_request(view).names == ()
    with waiting.platform.database.begin() as tx:
        people.withdraw(tx, "gus", Grant("approver", "acme"))
    assert offering_of(waiting, "vic").of_request(view).names == ()
    with waiting.platform.database.begin() as tx:
        people.grant(tx, "gus", Grant("approver", "acme"))
    assert offering_of(waiting, "vic").of_request(view).names == ("gus",)
    Delegations(waiting.platform.database, waiting.platform.audit, caller_of(waiting, "vic")).revoke(given)
    assert offering_of(waiting, "vic").of_request(view).names == ()


def test_only_who_has_the_role_themselves_may_lend_it(waiting: Loop) -> None:
    """As the places where they could."""
    assert offering_of(waiting, "gus").lends() == [("acme", "*")]
    assert offering_of(waiting, "ann").lends() == []
    assert [offering_of(waiting, who).asks for who in EVERYBODY] == [True, False, False, True]
    assert not offering_of(waiting, "root").administers  # only of acme


def test_a_service_that_has_drifted_can_be_put_back(done: Loop) -> None:
    """By who may ask there."""
    view = done.view(done.request)
    assert "reconcile" in offering_of(done, "ann").of_service(view, has_drifted=True)
    assert "reconcile" not in offering_of(done, "ann").of_service(view)
    assert offering_of(done, "gus").of_service(view, has_drifted=True) == frozenset()
