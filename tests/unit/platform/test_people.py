"""Tokens and the audit log, each in somebody's name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Invalid, NotFound, Refused, Unauthenticated
from gaia.kit import clock
from gaia.platform.people import People
from gaia.records import people as rows
from gaia.records.database import Database
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gaia.kit.keys import Key

    As = Callable[[str | None], People]

DAY = timedelta(days=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with an admin."""
    opened = Database.open(tmp_path / "gaia.db", create=True)
    yield opened
    opened.close()


@pytest.fixture
def admin(database: Database) -> str:
    """The admin's secret."""
    with database.begin() as tx:
        now = clock.now()
        rows.add_person(tx, "admin", at=now)
        rows.grant(tx, "admin", Grant("admin"))
        return rows.create_token(tx, "admin", at=now, expires=now + DAY)[1]


@pytest.fixture
def door(database: Database, key: Key) -> As:
    """`door(SECRET)`: the same database in somebody's name."""
    return lambda secret: People(database, "platform", key, secret)


def test_an_admin_makes_people_and_tokens(door: As, admin: str) -> None:
    """The person is made once, roles add up, the secret works at once."""
    token, ada, secret = door(admin).create_token("ada", roles=["developer"], tenant="acme", life=DAY)
    _, again, _ = door(admin).create_token("ada", roles=["approver"], life=DAY)
    assert token.person == ada.id == again.id
    assert set(again.grants) == {Grant("developer", "acme"), Grant("approver")}
    assert [owner.name for _, owner in door(secret).tokens()] == ["ada", "ada"]


def test_nobody_else_makes_tokens_and_the_refusal_is_written_down(door: As, admin: str) -> None:
    """Nothing else changes."""
    _, _, ada = door(admin).create_token("ada", roles=["developer", "approver"], life=DAY)
    with pytest.raises(Refused) as caught:
        door(ada).create_token("eve", roles=["admin"], life=DAY)
    assert caught.value.code == "not-permitted"
    assert {owner.name for _, owner in door(admin).tokens()} == {"admin", "ada"}
    entry, who = door(admin).entries(subject=None, limit=1)[0]
    assert (entry.action, entry.outcome, entry.subject, who) == ("token.create", "refused", "eve", "ada")


@pytest.mark.parametrize(("secret", "code"), [(None, "token-missing"), ("", "token-unknown"), ("x", "token-unknown")])
def test_without_a_good_token_nothing_is_told(door: As, secret: str | None, code: str) -> None:
    """Of no call."""
    for call in (
        lambda: door(secret).tokens(),
        lambda: door(secret).revoke("tok_1"),
        lambda: door(secret).entries(subject=None, limit=1),
        lambda: door(secret).verify(),
    ):
        with pytest.raises(Unauthenticated) as caught:
            call()
        assert caught.value.code == code


def test_wrong_names_and_roles_change_nothing(door: As, admin: str) -> None:
    """Not even the person is made."""
    with pytest.raises(Invalid):
        door(admin).create_token("Ada!", roles=[], life=DAY)
    with pytest.raises(Invalid):
        door(admin).create_token("ada", roles=["king"], life=DAY)  # type: ignore[list-item]
    assert {owner.name for _, owner in door(admin).tokens()} == {"admin"}


def test_people_see_and_end_only_their_own_tokens(door: As, admin: str) -> None:
    """Somebody else's does not exist for them."""
    mine, _, ada = door(admin).create_token("ada", roles=["developer"], life=DAY)
    theirs, _, _ = door(admin).create_token("grace", roles=["approver"], life=DAY)
    assert [token.id for token, _ in door(ada).tokens()] == [mine.id]
    assert door(ada).tokens("grace") == ()
    with pytest.raises(NotFound):
        door(ada).revoke(theirs.id)
    ended, owner = door(ada).revoke(mine.id)
    assert (ended.revoked_at is not None, owner.name) == (True, "ada")
    with pytest.raises(Unauthenticated):
        door(ada).tokens()


def test_the_audit_log_is_whole(door: As, admin: str) -> None:
    """The newest entries, with names; and it proves itself however long it is."""
    for number in range(3):
        door(admin).create_token(f"person-{number}", roles=[], life=DAY)
    found = door(admin).entries(subject=None, limit=2)
    assert [entry.seq for entry, _ in found] == [2, 3]
    assert {who for _, who in found} == {"admin"}
    assert door(admin).verify() == (3, None)


def test_what_was_done_is_in_the_audit_log_with_what_it_was_about(door: As, admin: str) -> None:
    """Who, what, of which repository; and of a refusal why. The entries of one subject can be asked for."""
    token, person, ada = door(admin).create_token("ada", roles=["developer"], life=DAY)
    door(ada).revoke(token.id)
    _, _, grace = door(admin).create_token("grace", roles=[], life=DAY)
    with pytest.raises(Refused):
        door(grace).entries(subject=None, limit=1)
    with pytest.raises(Refused):
        door(grace).verify()
    entries = [(entry, who) for entry, who in door(admin).entries(subject=None, limit=9)]
    told = [(who, entry.action, entry.subject, entry.outcome) for entry, who in entries]
    assert told[1] == ("ada", "token.revoked", token.id, "done")
    assert told[3:] == [("grace", "audit.read", "", "refused"), ("grace", "audit.verify", "", "refused")]
    assert {entry.repository for entry, _ in entries} == {"platform"}
    assert [entry.facts for entry, _ in entries][3:] == [{"code": "not-permitted"}] * 2
    assert [entry.subject for entry, _ in door(admin).entries(subject=token.id, limit=9)] == [token.id] * 2
    assert person.name == "ada"


def test_a_refused_look_at_a_subject_names_it(door: As, admin: str) -> None:
    """So that the log tells what somebody was curious about."""
    _, _, ada = door(admin).create_token("ada", roles=[], life=DAY)
    with pytest.raises(Refused):
        door(ada).entries(subject="req_1", limit=1)
    assert door(admin).entries(subject=None, limit=1)[0][0].subject == "req_1"
