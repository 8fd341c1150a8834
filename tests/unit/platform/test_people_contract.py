"""What `People` answers, and the fake that doors are tested with: the same shapes, order and codes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gaia.access.callers import authenticate
from gaia.errors import NotFound
from gaia.kit import clock
from gaia.platform.model import GrantView
from gaia.platform.people import People
from gaia.testing.people import FakePeople

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

DAY = timedelta(days=1)


@pytest.fixture(params=["real", "fake"])
def people(request: pytest.FixtureRequest) -> People:
    """An admin's, one after the other."""
    if request.param == "fake":
        return FakePeople()
    loop: Loop = request.getfixturevalue("loop")
    with loop.platform.database.begin() as tx:
        from gaia.records import people as rows
        from gaia.records.model import Grant

        rows.add_person(tx, "boss", at=clock.now())
        rows.grant(tx, "boss", Grant("admin"))
        _, secret = rows.create_token(tx, "boss", at=clock.now(), expires=clock.now() + DAY)
        caller = authenticate(tx, secret, clock.now())
    return People(loop.platform.database, loop.platform.audit, caller)


def test_a_token_is_made_shown_and_ended(people: People) -> None:
    """With where each role holds; newest first; ended, it is still there."""
    first, secret = people.create_token("dana", roles=["viewer"], tenant="acme", stage="dev", life=DAY)
    second, _ = people.create_token("dana", roles=["viewer"], tenant="acme", stage="dev", life=2 * DAY)
    assert secret.startswith("gaia_tok_")
    assert (first.person, first.roles, first.grants) == ("dana", ("viewer",), (GrantView("viewer", "acme", "dev"),))
    assert [each.id for each in people.tokens("dana")] == [second.id, first.id]
    assert first.revoked_at is None
    assert people.revoke(first.id).revoked_at
    assert [bool(each.revoked_at) for each in people.tokens("dana")] == [False, True]


def test_what_is_no_token_cannot_be_ended(people: People) -> None:
    """One clear error."""
    with pytest.raises(NotFound) as caught:
        people.revoke("tok_none")
    assert (caught.value.code, bool(caught.value.next_step)) == ("token-not-found", True)


def test_the_log_is_newest_last_and_whole(people: People) -> None:
    """As many as were asked for."""
    people.create_token("dana", roles=[], life=DAY)
    people.create_token("erin", roles=[], life=DAY)
    entries = people.entries(subject=None, limit=2)
    assert [each.seq for each in entries] == sorted(each.seq for each in entries)
    assert (len(entries), people.verify()[1]) == (2, None)


def test_roles_are_given_and_taken(people: People) -> None:
    """Twice is once; what was not given cannot be taken."""
    people.create_token("dana", roles=[], life=DAY)
    people.give("dana", "approver", tenant="acme")
    assert people.give("dana", "approver", tenant="acme").grants == (GrantView("approver", "acme", "*"),)
    with pytest.raises(NotFound) as caught:
        people.withdraw("dana", "approver")
    assert caught.value.code == "role-not-given"
    assert people.withdraw("dana", "approver", tenant="acme").grants == ()
