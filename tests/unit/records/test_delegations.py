"""Delegations, groups of people, and comments, as rows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.records.moments import T0

from gaia.errors import Conflict, Invalid, NotFound
from gaia.records import comments, delegations, people

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.records.database import Transaction
    from gaia.records.model import Person, Request

DAY = timedelta(days=1)


def test_a_delegation_holds_there_and_then(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """From when it was made to its end, in its place, one way round, until it is revoked."""
    ada, gus = (make_person(tx, name).id for name in ("ada", "gus"))
    made = delegations.add(tx, ada, gus, tenant="acme", stage="*", at=T0, until=T0 + DAY)

    def holds(owner: str = ada, to: str = gus, tenant: str = "acme", later: timedelta = timedelta()) -> bool:
        return delegations.holds(tx, owner, to, tenant, "dev", at=T0 + later)

    assert (holds(), holds(later=DAY / 2)) == (True, True)
    assert not any((holds(gus, ada), holds(tenant="other"), holds(later=DAY), holds(later=-DAY)))
    assert delegations.find(tx, gus) == delegations.find(tx, ada) == delegations.find(tx) == (made,)
    assert delegations.find(tx, "per_0") == ()
    assert delegations.find(tx, live_at=T0 + DAY) == ()
    delegations.revoke(tx, made.id, at=T0 + DAY / 4)
    delegations.revoke(tx, made.id, at=T0 + DAY / 3)
    assert delegations.get(tx, made.id).revoked_at == T0 + DAY / 4
    assert not holds(later=DAY / 2)
    with pytest.raises(NotFound) as caught:
        delegations.get(tx, "dlg_0")
    assert caught.value.code == "delegation-unknown"


def test_people_are_in_groups(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """Once each, in order; what is no name of a group is refused."""
    make_person(tx, "ada")
    for group in ("security", "audit", "security"):
        people.join(tx, "ada", group)
    assert people.get_person(tx, "ada").groups == ("audit", "security")
    people.leave(tx, "ada", "audit")
    people.leave(tx, "ada", "audit")
    assert [one.groups for one in people.list_people(tx)] == [("security",)]
    with pytest.raises(Invalid):
        people.join(tx, "ada", "No Name")
    with pytest.raises(NotFound):
        people.join(tx, "nobody", "security")


def test_comments_stay_in_order(
    tx: Transaction, make_request: Callable[..., Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its request, up to as many as are shown."""
    one, two = make_request(tx, "one"), make_request(tx, "two")
    made = tuple(comments.add(tx, one.id, one.requester, text, at=T0) for text in ("a", "b"))
    assert comments.of_request(tx, one.id) == made
    assert comments.of_request(tx, two.id) == ()
    monkeypatch.setattr(comments, "MOST", 2)
    comments.add(tx, two.id, one.requester, "c", at=T0)
    with pytest.raises(Conflict) as caught:
        comments.add(tx, one.id, one.requester, "d", at=T0)
    assert caught.value.code == "comments-full"
