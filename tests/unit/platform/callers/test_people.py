"""Tokens and the audit log, each in somebody's name."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, update

from gaia.access.callers import authenticate, in_session, still
from gaia.errors import Conflict, Invalid, NotFound, Refused, Unauthenticated, Unavailable
from gaia.kit import clock
from gaia.platform.acting import AuditLog
from gaia.platform.callers.people import People
from gaia.platform.callers.signing_in import SigningIn
from gaia.platform.model import GrantView
from gaia.records import audit, sessions, tables
from gaia.records import people as rows
from gaia.records.database import Database
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gaia.kit.keys import SecretKey

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
def door(database: Database, key: SecretKey) -> As:
    """`door(SECRET)`: the same database in somebody's name."""

    def door(secret: str | None) -> People:
        with database.read() as tx:
            return People(database, AuditLog("platform", key), authenticate(tx, secret, clock.now()))

    return door


def test_an_admin_makes_people_and_tokens(door: As, admin: str) -> None:
    """The person is made once, roles add up, the secret works at once."""
    token, secret = door(admin).create_token("ada", roles=["developer"], tenant="acme", life=DAY)
    again, _ = door(admin).create_token("ada", roles=["approver"], life=DAY)
    assert token.person == again.person == "ada"
    assert set(again.grants) == {GrantView("developer", "acme", "*"), GrantView("approver", "*", "*")}
    assert [each.person for each in door(secret).tokens()] == ["ada", "ada"]


def test_nobody_else_makes_tokens_and_the_refusal_is_written_down(door: As, admin: str) -> None:
    """Nothing else changes."""
    _, ada = door(admin).create_token("ada", roles=["developer", "approver"], life=DAY)
    with pytest.raises(Refused) as caught:
        door(ada).create_token("eve", roles=["admin"], life=DAY)
    assert caught.value.code == "not-permitted"
    assert {each.person for each in door(admin).tokens()} == {"admin", "ada"}
    entry = door(admin).entries(subject=None, limit=1)[0]
    assert (entry.action, entry.outcome, entry.subject, entry.actor) == ("token.create", "refused", "eve", "ada")


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
        door(admin).create_token("ada", roles=["king"], life=DAY)
    assert {each.person for each in door(admin).tokens()} == {"admin"}


def test_people_see_and_end_only_their_own_tokens(door: As, admin: str) -> None:
    """Somebody else's does not exist for them."""
    mine, ada = door(admin).create_token("ada", roles=["developer"], life=DAY)
    theirs, _ = door(admin).create_token("grace", roles=["approver"], life=DAY)
    assert [token.id for token in door(ada).tokens()] == [mine.id]
    assert door(ada).tokens("grace") == ()
    with pytest.raises(NotFound):
        door(ada).revoke(theirs.id)
    ended = door(ada).revoke(mine.id)
    assert (ended.revoked_at is not None, ended.person) == (True, "ada")
    with pytest.raises(Unauthenticated):
        door(ada).tokens()


def test_the_audit_log_is_whole(door: As, admin: str) -> None:
    """The newest entries, with names; and it proves itself however long it is."""
    for number in range(3):
        door(admin).create_token(f"person-{number}", roles=[], life=DAY)
    found = door(admin).entries(subject=None, limit=2)
    assert [entry.seq for entry in found] == [2, 3]
    assert {entry.actor for entry in found} == {"admin"}
    assert door(admin).verify() == (3, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a" * 129, "text-too-long"), ("a\udcff", "text-invalid"), ("", "name-invalid"), (" ", "name-invalid"),
        ("acme\n", "name-invalid"), ("a b", "name-invalid"), ("\x1b[2J", "name-invalid"), ("a/b?", "name-invalid"),
        ("acme*", "name-invalid"), ("**", "name-invalid"), ("a\u202eb", "name-invalid"), ("'acme'", "name-invalid"),
    ],
)  # fmt: skip
def test_where_a_role_holds_is_a_name_with_an_end(door: As, admin: str, text: str, code: str) -> None:
    """Nobody is made then."""
    for where in ({"tenant": text}, {"stage": text}):
        with pytest.raises(Invalid) as caught:
            door(admin).create_token("ada", roles=["viewer"], life=DAY, **where)
        assert caught.value.code == code
        assert caught.value.message.isprintable()
    assert [each.person for each in door(admin).tokens()] == ["admin"]


@pytest.mark.parametrize("text", ["*", "acme", "Acme_2", "plat.eu-west/team", "größe"])
def test_a_role_holds_where_atmos_has_names(door: As, admin: str, text: str) -> None:
    """Letters, digits and what its names may hold besides; or everywhere."""
    ada, _ = door(admin).create_token("ada", roles=["viewer"], tenant=text, stage=text, life=DAY)
    assert ada.grants == (GrantView("viewer", text, text),)


def test_an_entry_that_cannot_be_read_is_where_the_log_breaks(door: As, admin: str, tmp_path: Path) -> None:
    """It is counted, and named by its number, as one that was changed would be; looking at it is one clear error."""
    for name in ("ada", "ben", "cyd"):
        door(admin).create_token(name, roles=["viewer"], life=DAY)
    assert door(admin).verify() == (3, None)
    with sqlite3.connect(tmp_path / "gaia.db") as raw:
        raw.execute("DROP TRIGGER audit_no_update")
        raw.execute("UPDATE audit SET facts = '{', at = 'yesterday' WHERE seq = 2")
    assert door(admin).verify() == (4, 2)
    with pytest.raises(Unavailable) as caught:
        door(admin).entries(subject=None, limit=9)
    assert caught.value.code == "database-row-damaged"


def test_half_characters_are_no_token_and_no_name(door: As, admin: str, database: Database, key: SecretKey) -> None:
    """One clear error wherever they come in; a refusal of them is written down, escaped and cut."""
    with pytest.raises(Unauthenticated) as unknown:
        door("gaia_tok_\udcff").tokens()
    assert unknown.value.code == "token-unknown"
    with pytest.raises(Invalid) as invalid:
        door(admin).tokens("a\udcff")
    assert invalid.value.code == "text-invalid"
    with pytest.raises(Invalid) as subject:
        door(admin).entries(subject="a\udcff", limit=9)
    assert subject.value.code == "text-invalid"
    secret = door(admin).create_token("ada", roles=["viewer"], life=DAY)[1]
    with pytest.raises(Refused):
        door(secret).create_token("\udcff\x1b[2J" + "a" * 5000, roles=["admin"], life=DAY)
    with database.read() as tx:
        refused = audit.entries(tx)[-1]
        assert audit.verify(tx, key) is None
    assert refused.subject.startswith(r"\udcff\x1b[2Jaaa")
    assert len(refused.subject) == 300


def test_what_is_done_to_tokens_is_written_down(door: As, admin: str, database: Database) -> None:
    """Who, which token, whose it is and where its roles hold; an admin may end anybody's."""
    token, secret = door(admin).create_token(
        "ada", roles=["viewer", "approver"], tenant="acme", stage="dev", life=DAY
    )  # fmt: skip
    assert set(token.grants) == {GrantView("viewer", "acme", "dev"), GrantView("approver", "acme", "dev")}
    ended = door(admin).revoke(token.id)
    assert (ended.id, ended.revoked_at is not None, ended.person) == (token.id, True, "ada")
    with pytest.raises(NotFound) as unknown:
        door(admin).revoke("tok_none")
    assert unknown.value.code == "token-not-found"
    with pytest.raises(Unauthenticated):
        door(secret).tokens()
    with database.read() as tx:
        created, revoked, refused = audit.entries(tx)
        [caller] = [each.id for each in rows.list_people(tx) if each.name == "admin"]
    assert created.action == "token.created"
    said = {name: created.facts[name] for name in ("person", "roles", "tenant", "stage")}
    assert said == {"person": "ada", "roles": ["viewer", "approver"], "tenant": "acme", "stage": "dev"}
    assert (revoked.action, revoked.facts) == ("token.revoked", {})
    assert (refused.action, refused.outcome) == ("token.revoke", "refused")
    for entry in (created, revoked):
        assert (entry.actor, entry.subject, entry.outcome, entry.repository) == (caller, token.id, "done", "platform")


def test_only_an_admin_reads_the_log_and_a_refusal_is_in_it(door: As, admin: str) -> None:
    """With what was asked for, and why it was refused."""
    secret = door(admin).create_token("ada", roles=["approver"], life=DAY)[1]
    for call in (
        lambda: door(secret).entries(subject="req_1", limit=9),
        lambda: door(secret).entries(subject=None, limit=9),
        lambda: door(secret).verify(),
    ):
        with pytest.raises(Refused):
            call()
    found = door(admin).entries(subject=None, limit=3)
    assert [(entry.action, entry.subject) for entry in found] == [
        ("audit.read", "req_1"), ("audit.read", ""), ("audit.verify", ""),
    ]  # fmt: skip
    assert {(entry.outcome, entry.facts["code"]) for entry in found} == {("refused", "not-permitted")}


def test_tokens_are_shown_of_one_person(door: As, admin: str) -> None:
    """An admin names anybody; who asks for their own tokens gets them."""
    secret = door(admin).create_token("ada", roles=["viewer"], life=DAY)[1]
    door(admin).create_token("ben", roles=["viewer"], life=DAY)
    for caller in (admin, secret):
        assert [each.person for each in door(caller).tokens("ada")] == ["ada"]


def test_the_log_is_read_past_its_first_page_and_by_subject(
    door: As, admin: str, database: Database, key: SecretKey
) -> None:
    """The newest are at the end of the last page; of one subject there are its own alone."""
    with database.begin() as tx:
        for number in range(101):
            subject = "req_1" if number == 100 else f"other-{number}"
            audit.append(tx, key, at=clock.now(), actor="engine", action="x", subject=subject)
    [last] = door(admin).entries(subject=None, limit=1)
    assert (last.subject, last.actor) == ("req_1", "engine")
    assert [entry.subject for entry in door(admin).entries(subject="req_1", limit=9)] == ["req_1"]


def test_a_name_of_128_characters_is_not_too_long(door: As, admin: str) -> None:
    """The longest that a tenant may have."""
    ada, _ = door(admin).create_token("ada", roles=["viewer"], tenant="a" * 128, life=DAY)
    assert ada.grants == (GrantView("viewer", "a" * 128, "*"),)


def test_a_role_is_given_and_taken(door: As, admin: str) -> None:
    """Of exactly one place, at once, and written down."""
    _, secret = door(admin).create_token("ada", roles=["viewer"], tenant="acme", life=DAY)
    given = door(admin).give("ada", "admin")
    assert set(given.grants) == {GrantView("viewer", "acme", "*"), GrantView("admin", "*", "*")}
    assert door(secret).everybody()
    with pytest.raises(NotFound) as caught:
        door(admin).withdraw("ada", "viewer")
    assert caught.value.code == "role-not-given"
    assert "viewer in acme/*" in str(caught.value.next_step)
    assert door(admin).withdraw("ada", "admin").grants == (GrantView("viewer", "acme", "*"),)
    with pytest.raises(Refused):
        door(secret).everybody()
    entries = [one for one in door(admin).entries(subject=given.id, limit=9) if one.action.startswith("role.")]
    assert [(one.action, one.outcome) for one in entries] == [("role.given", "done"), ("role.withdrawn", "done")]
    assert entries[0].facts == {"person": "ada", "role": "admin", "tenant": "*", "stage": "*"}


def test_nobody_else_gives_and_takes_roles(door: As, admin: str) -> None:
    """The refusal is written down; who is nobody gets none."""
    _, ada = door(admin).create_token("ada", roles=["approver"], life=DAY)
    with pytest.raises(Refused):
        door(ada).give("ada", "admin")
    with pytest.raises(Refused):
        door(ada).withdraw("admin", "admin")
    found = door(admin).entries(subject=None, limit=2)
    assert [(one.action, one.outcome) for one in found] == [("role.give", "refused"), ("role.withdraw", "refused")]
    with pytest.raises(NotFound):
        door(admin).give("nobody", "viewer")
    for bad in ("root", "\x1b[2J", ""):
        with pytest.raises(Invalid) as caught:
            door(admin).withdraw("ada", bad)
        assert caught.value.code == "role-unknown"
        assert caught.value.message.isprintable()


def test_the_last_admin_stays_one(door: As, admin: str) -> None:
    """Who administers one tenant, or is shut out, is none who could put it right."""
    door(admin).create_token("ada", roles=["admin"], tenant="acme", life=DAY)
    door(admin).create_token("ben", roles=["admin"], life=DAY)
    door(admin).set_disabled("ben", True)
    with pytest.raises(Conflict) as caught:
        door(admin).withdraw("admin", "admin")
    assert caught.value.code == "admin-last"
    door(admin).set_disabled("ben", False)
    assert door(admin).withdraw("admin", "admin").grants == ()


def test_a_session_ends_with_the_token_that_it_was_begun_with(
    door: As, admin: str, database: Database, key: SecretKey
) -> None:
    """At once, and it is written down; one that was begun with another token goes on."""
    desk = SigningIn(database, AuditLog("platform", key), None)
    token, secret = door(admin).create_token("ada", roles=["viewer"], life=DAY)
    _, other = door(admin).create_token("ada", roles=[], life=DAY)
    mine, theirs = desk.enter(secret, "/"), desk.enter(other, "/")
    caller = desk.in_session(mine.secret)
    door(admin).revoke(token.id)
    with pytest.raises(Unauthenticated) as ended:
        desk.in_session(mine.secret)
    assert ended.value.code == "session-ended"
    with database.read() as tx, pytest.raises(Unauthenticated):
        still(tx, caller, clock.now())
    assert desk.in_session(theirs.secret).name == "ada"
    [entry] = [one for one in door(admin).entries(subject=caller.session, limit=9) if one.action == "session.ended"]
    assert (entry.actor, entry.facts) == ("admin", {"token": token.id})


def test_a_token_that_is_too_narrow_for_a_browser_is_written_down(door: As, admin: str, database: Database) -> None:
    """Refused, with the token that was tried."""
    with database.begin() as tx:
        now = clock.now()
        narrow, secret = rows.create_token(tx, "admin", at=now, expires=now + DAY, scopes=["see"])
        log = door(admin)._log
    with pytest.raises(Refused):
        SigningIn(database, log, None).enter(secret, "/")
    entry = door(admin).entries(subject=None, limit=1)[0]
    assert (entry.action, entry.outcome) == ("session.begin", "refused")
    assert entry.facts == {"code": "token-narrow", "token": narrow.id}


def test_the_last_token_of_the_last_admin_stays(door: As, admin: str, database: Database) -> None:
    """With another one it may end; the refusal is written down."""
    [mine] = door(admin).tokens("admin")
    door(admin).create_token("ada", roles=["viewer", "admin"], tenant="acme", life=DAY)
    assert code_of(lambda: door(admin).revoke(mine.id)) == "admin-last"
    with database.read() as tx:
        last = audit.entries(tx, newest=True, limit=1)[0]
    assert (last.action, last.outcome, last.facts) == ("token.revoke", "refused", {"code": "admin-last"})
    _, other = door(admin).create_token("admin", roles=[], life=DAY)
    assert door(other).revoke(mine.id).revoked_at
    assert code_of(lambda: door(other).revoke(door(other).tokens("admin")[0].id)) == "admin-last"


@pytest.mark.parametrize("ended", ["revoked", "expired", "narrow"])
def test_an_admin_who_cannot_call_is_none_that_is_left(
    door: As, admin: str, database: Database, monkeypatch: pytest.MonkeyPatch, ended: str
) -> None:
    """ben may administer everything, but has no token for it; in his place a provider's word would do."""
    token, _ = door(admin).create_token("ben", roles=["admin"], life=timedelta(hours=1))
    now = clock.now()
    with database.begin() as tx:
        match ended:
            case "revoked":
                rows.revoke_token(tx, token.id, at=now)
            case "narrow":
                tx.change(update(tables.tokens).where(tables.tokens.c.id == token.id).values(scopes=["see"]))
            case _:
                monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=2))
    [mine] = door(admin).tokens("admin")
    assert code_of(lambda: door(admin).withdraw("admin", "admin")) == "admin-last"
    assert code_of(lambda: door(admin).revoke(mine.id)) == "admin-last"
    with database.begin() as tx:
        ben = rows.get_person(tx, "ben").id
        values = {"issuer": "https://i", "subject": "ben", "person": ben, "created_at": now}
        tx.change(insert(tables.identities).values(values))
    assert door(admin).withdraw("admin", "admin").grants == ()


def test_nobody_shuts_the_last_one_who_can_call_out(door: As, admin: str, database: Database, key: SecretKey) -> None:
    """ben's browser alone would be left, and for hours only; an admin by a group is not kept from it."""
    token, secret = door(admin).create_token("ben", roles=["admin"], life=DAY)
    with database.begin() as tx:
        session, browser = sessions.begin(tx, rows.get_person(tx, "ben").id, at=clock.now(), expires=clock.now() + DAY)
        caller = in_session(tx, browser, clock.now(), lambda _: ())
        by_group = in_session(tx, browser, clock.now(), lambda _: (Grant("admin"),))
    assert (session.person, secret != browser) == (caller.id, True)
    door(admin).revoke(token.id)
    log = AuditLog("platform", key)
    assert code_of(lambda: People(database, log, caller).set_disabled("admin", True)) == "admin-last"
    assert People(database, log, by_group).set_disabled("admin", True).disabled


def code_of(act: Callable[[], object]) -> str:
    """How it is refused."""
    with pytest.raises(Conflict) as caught:
        act()
    return caught.value.code
