"""What `People` answers, at home and over HTTP, and the fake that doors are tested with: the same shapes and codes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient
from tests.unit.api.conftest import served_of

from gaia.access.callers import authenticate
from gaia.api.app import make_api
from gaia.bootstrap.remote_people import RemotePeople
from gaia.client import Client
from gaia.errors import Conflict, Defect, NotFound
from gaia.kit import clock
from gaia.platform.callers.people import People
from gaia.platform.model import GrantView
from gaia.records import tables
from gaia.records.audit_wanted import Wanted
from gaia.testing.people import FakePeople

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.platform.loop import Loop

DAY = timedelta(days=1)


@pytest.fixture(params=["real", "remote", "fake"])
def people(request: pytest.FixtureRequest) -> Iterator[People]:
    """An admin's, one after the other."""
    if request.param == "fake":
        yield FakePeople()
        return
    loop: Loop = request.getfixturevalue("loop")
    with loop.platform.database.begin() as tx:
        from gaia.records import people as rows
        from gaia.records.model import Grant

        rows.add_person(tx, "boss", at=clock.now())
        rows.grant(tx, "boss", Grant("admin"))
        _, secret = rows.create_token(tx, "boss", at=clock.now(), expires=clock.now() + DAY)
        caller = authenticate(tx, secret, clock.now())
    if request.param == "real":
        yield People(loop.platform.database, loop.platform.audit, caller)
        return
    with TestClient(make_api(served_of(loop)), raise_server_exceptions=False) as http:
        yield RemotePeople(Client("http://testserver", secret, http=http, pause=lambda _: None))


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


def test_the_log_is_asked_for_what_is_wanted(people: People) -> None:
    """By whom, what, when, and where a page goes on: all of it together, near or far."""
    people.create_token("dana", roles=[], life=DAY)
    last = people.entries(subject=None, limit=1)[0]
    now, kind = clock.parse_rfc3339(last.at), last.action.partition(".")[0]
    wanted = Wanted(actor=last.actor, action=kind, since=now - DAY, until=now + DAY, before=last.seq + 1)
    assert list(people.entries(subject=last.subject, limit=9, wanted=wanted)) == [last]
    others = (
        replace(wanted, actor="erin"),
        replace(wanted, action="link"),
        replace(wanted, until=now - DAY),
        replace(wanted, before=last.seq),
    )
    for other in others:
        assert not people.entries(subject=last.subject, limit=9, wanted=other)


def test_roles_are_given_and_taken(people: People) -> None:
    """Twice is once; what was not given cannot be taken."""
    people.create_token("dana", roles=[], life=DAY)
    people.give("dana", "approver", tenant="acme")
    assert people.give("dana", "approver", tenant="acme").grants == (GrantView("approver", "acme", "*"),)
    with pytest.raises(NotFound) as caught:
        people.withdraw("dana", "approver")
    assert caught.value.code == "role-not-given"
    assert people.withdraw("dana", "approver", tenant="acme").grants == ()


@pytest.mark.parametrize("people", ["real", "remote"], indirect=True)
def test_what_differs_from_the_log_is_told_wherever_it_is_asked(people: People, loop: Loop) -> None:
    """The code, and the rows; and the last admin is kept."""
    people.create_token("dana", roles=["viewer"], life=DAY)
    assert people.verify()[1] is None
    with loop.platform.database.begin() as tx:
        tx.change(update(tables.grants).where(tables.grants.c.role == "viewer").values(role="admin"))
    with pytest.raises(Defect) as caught:
        people.verify()
    assert caught.value.code == "records-differ"
    assert len(caught.value.facts["rows"]) == 4  # type: ignore[arg-type]  # vic's and dana's, before and after
    people.withdraw("dana", "admin")
    with pytest.raises(Conflict) as last:
        people.withdraw("boss", "admin")
    assert last.value.code == "admin-last"
