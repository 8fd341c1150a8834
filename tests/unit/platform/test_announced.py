"""Rows that give rights are held against the audit log, which tells of each."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert, select, update

from gaia.access.callers import authenticate
from gaia.errors import Defect, Unauthenticated
from gaia.kit import clock
from gaia.kit.keys import load_key
from gaia.platform.acting import AuditLog
from gaia.platform.callers.people import People
from gaia.platform.callers.signing_in import SigningIn
from gaia.records import announced, audit, sessions, tables
from gaia.records import people as rows
from gaia.records.database import Database
from gaia.records.model import Grant
from gaia.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Table
    from tests.unit.platform.loop import Loop

    from gaia.kit.keys import SecretKey
    from gaia.records.database import Transaction

DAY = timedelta(days=1)


@pytest.fixture
def database(tmp_path: Path, migrated: Path) -> Iterator[Database]:
    """A home whose first admin was made without a word."""
    (tmp_path / "gaia.db").write_bytes(migrated.read_bytes())
    opened = Database.open(tmp_path / "gaia.db")
    yield opened
    opened.close()


class Home:
    """What an admin does there, and what somebody does who writes to the database."""

    def __init__(self, database: Database, key: SecretKey) -> None:
        self.database = database
        self.log = AuditLog("platform", key)
        with database.begin() as tx:
            now = clock.now()
            rows.add_person(tx, "admin", at=now)
            rows.grant(tx, "admin", Grant("admin"))
            self.secret = rows.create_token(tx, "admin", at=now, expires=now + DAY)[1]

    def people(self) -> People:
        """In the admin's name."""
        with self.database.read() as tx:
            return People(self.database, self.log, authenticate(tx, self.secret, clock.now()))

    def by_hand(self, *statements: Any) -> None:
        """Without an act."""
        with self.database.begin() as tx:
            for one in statements:
                tx.connection.execute(one)

    def id_of(self, name: str) -> str:
        """Somebody's."""
        with self.database.read() as tx:
            return rows.get_person(tx, name).id

    def differ(self) -> list[str]:
        """What does not fit."""
        try:
            self.people().verify()
        except Defect as error:
            found = (error.code, bool(error.next_step))
            assert found == ("records-differ", True)
            return [str(one) for one in error.facts["rows"]]  # type: ignore[attr-defined]
        return []


@pytest.fixture
def home(database: Database, key: SecretKey) -> Home:
    """What is there was counted once."""
    made = Home(database, key)
    assert made.differ() == []
    return made


def test_what_was_there_before_is_counted_once_and_no_alarm(database: Database, key: SecretKey) -> None:
    """Nobody told of it; from then on it is known."""
    home = Home(database, key)
    assert home.people().verify() == (0, None)
    assert home.people().verify() == (1, None)
    with database.read() as tx:
        [entry] = audit.entries(tx)
    assert (entry.action, entry.actor, set(entry.facts["counted"])) == (  # type: ignore[call-overload]
        announced.COUNTED, "engine", {"token", "role", "name"},
    )  # fmt: skip


def test_everything_that_is_done_is_told(home: Home) -> None:
    """Nothing of it is an alarm."""
    people = home.people()
    token, secret = people.create_token("ada", roles=["viewer", "admin"], life=DAY)
    people.give("ada", "approver", tenant="acme")
    people.give("ada", "approver", tenant="acme")
    people.withdraw("ada", "viewer")
    people.join("ada", "security")
    people.join("ada", "finance")
    people.leave("ada", "finance")
    people.create_token("ben", roles=["approver"], life=DAY)
    given = people.delegations.give("ben", tenant="*", stage="*", until=clock.now() + DAY)
    people.delegations.revoke(given.id)
    signing_in = SigningIn(home.database, home.log, None)
    entered = signing_in.enter(secret, "/")
    signing_in.leave(entered.secret)
    signing_in.enter(secret, "/")
    people.revoke(token.id)
    people.set_disabled("ada", True)
    people.set_disabled("ben", True)
    people.set_disabled("ben", False)
    assert home.differ() == []


def hashed(name: str) -> str:
    """A hash that nobody's secret has."""
    return name * 64


def test_a_token_that_was_made_by_hand_is_found(home: Home) -> None:
    """Whoever writes to the database chooses its hash, and when it was made."""
    home.people().create_token("ada", roles=[], life=DAY)
    now = clock.now()
    home.by_hand(
        insert(tables.tokens).values(
            id="tok_0", person=home.id_of("ada"), hash=hashed("a"), scopes=["see"], created_at=now - 99 * DAY,
            expires_at=now + DAY,
        )
    )  # fmt: skip
    assert home.differ() == ["token tok_0 is there, and no entry tells of it"]


CHANGES: dict[str, Callable[[], dict[str, Any]]] = {
    "expires": lambda: {"expires_at": clock.now() + 999 * DAY}, "seal": lambda: {"hash": hashed("b")},
    "scopes": lambda: {"scopes": ["administer", "see"]},
}  # fmt: skip


@pytest.mark.parametrize("which", ["told", "counted"])
@pytest.mark.parametrize("changed", CHANGES)
def test_a_token_that_was_changed_is_found(home: Home, changed: str, which: str) -> None:
    """One that an entry announced, and one that was counted."""
    home.people().create_token("ada", roles=[], life=DAY)
    owner = home.id_of("ada" if which == "told" else "admin")
    home.by_hand(update(tables.tokens).where(tables.tokens.c.person == owner).values(**CHANGES[changed]()))
    if (which, changed) == ("counted", "seal"):
        with home.database.begin() as tx:
            home.secret = rows.create_token(tx, "admin", at=clock.now(), expires=clock.now() + DAY)[1]
    found = home.differ()
    assert any(f": {changed} is " in line for line in found)


@pytest.mark.parametrize("way", ["revoked", "disabled", "left", "withdrawn", "delegation"])
def test_what_was_taken_back_by_hand_is_found(home: Home, way: str) -> None:
    """A revocation, a shutting out, a role and a group that somebody has again."""
    people = home.people()
    token, _ = people.create_token("ada", roles=["approver"], life=DAY)
    ada = home.id_of("ada")
    people.join("ada", "security")
    given = people.delegations.give("ada", tenant="*", stage="*", until=clock.now() + DAY)
    people.revoke(token.id)
    people.set_disabled("ada", True)
    people.leave("ada", "security")
    people.withdraw("ada", "approver")
    people.delegations.revoke(given.id)
    assert home.differ() == []
    back: dict[str, tuple[Any, str]] = {
        "revoked": (update(tables.tokens).where(tables.tokens.c.id == token.id).values(revoked_at=None), "revoked is"),
        "disabled": (update(tables.people).where(tables.people.c.id == ada).values(disabled=False), "shut out"),
        "left": (insert(tables.memberships).values(person=ada, name="security"), "took it away"),
        "withdrawn": (
            insert(tables.grants).values(person=ada, role="approver", tenant="*", stage="*"), "took it away",
        ),
        "delegation": (update(tables.delegations).values(revoked_at=None), "revoked is"),
    }  # fmt: skip
    statement, said = back[way]
    home.by_hand(statement)
    [line] = home.differ()
    assert said in line


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (tables.tokens, "token"), (tables.grants, "role"), (tables.memberships, "group"),
        (tables.delegations, "delegation"),
    ],
)  # fmt: skip
def test_what_was_taken_away_by_hand_is_found(home: Home, table: Table, kind: str) -> None:
    """Each, with the entry that tells of it."""
    people = home.people()
    people.create_token("ada", roles=["approver"], life=DAY)
    people.join("ada", "security")
    people.delegations.give("ada", tenant="*", stage="*", until=clock.now() + DAY)
    column = table.c.to if kind == "delegation" else table.c.person
    home.by_hand(delete(table).where(column == home.id_of("ada")))
    [line] = home.differ()
    assert line.startswith(f"{kind} ")
    assert "is not there, and entry" in line


def test_a_role_that_was_made_by_hand_is_found(home: Home) -> None:
    """And that of another tenant."""
    home.people().create_token("ada", roles=["viewer"], tenant="acme", life=DAY)
    ada = home.id_of("ada")
    home.by_hand(update(tables.grants).where(tables.grants.c.person == ada).values(tenant="*"))
    missing, made = sorted(home.differ(), key=lambda line: "no entry" in line)
    assert missing.startswith(f"role {ada} viewer acme * is not there")
    assert made == f"role {ada} viewer * * is there, and no entry tells of it"


def test_whom_a_provider_vouches_for_and_sessions_are_held_against_it_too(home: Home) -> None:
    """Who writes another subject to an admin, or a session of theirs, would be them."""
    now, admin = clock.now(), home.id_of("admin")
    home.by_hand(
        insert(tables.identities).values(issuer="https://i", subject="eve", person=admin, created_at=now),
        insert(tables.sessions).values(
            id="ses_0", person=admin, hash=hashed("c"), groups=[], created_at=now, expires_at=now + DAY
        ),
    )
    assert home.differ() == [
        "identity https://i eve is there, and no entry tells of it",
        "session ses_0 is there, and no entry tells of it",
    ]


def test_a_link_that_was_made_by_hand_is_found(home: Home) -> None:
    """While it lies there, and by the session that was begun with it."""
    signing_in = SigningIn(home.database, home.log, None)
    signing_in.follow(home.people().sign_in_link("admin"), "/")
    signing_in.follow(signing_in.make_link("admin"), "/")
    home.people().sign_in_link("admin")
    assert home.differ() == []
    with home.database.begin() as tx:
        secret = sessions.make_link(tx, home.id_of("admin"), at=clock.now(), life=DAY)
    [line] = home.differ()
    assert line.startswith("link ")
    with pytest.raises(Unauthenticated):
        signing_in.follow(secret, "/")
    assert home.differ() == []
    with home.database.begin() as tx:  # as when a link was all that it took
        home.log.note(tx, home.id_of("admin"), "session.begun", "ses_0", {"link": announced.of_link(secret)})
    [line] = home.differ()
    assert line.endswith("was begun with a link that no entry tells of")


def test_a_session_that_was_changed_is_found(home: Home) -> None:
    """Groups give roles, and a second factor was not given; one that is long over may be forgotten."""
    signing_in = SigningIn(home.database, home.log, None)
    signing_in.enter(home.secret, "/")
    home.by_hand(update(tables.sessions).values(groups=["admins"], proved_at=clock.now()))
    assert [line.partition(": ")[2].partition(" ")[0] for line in home.differ()] == ["groups", "proved_at"]
    home.by_hand(delete(tables.sessions))
    assert home.differ() == []


def test_a_second_counting_lets_nothing_in(home: Home) -> None:
    """Who made a row by hand and has an entry of the log written after it gains nothing by it."""
    home.by_hand(insert(tables.grants).values(person=home.id_of("admin"), role="viewer", tenant="*", stage="*"))
    found = home.differ()
    assert len(found) == 1
    with home.database.begin() as tx:
        assert not announced.count(tx, home.log.key, at=clock.now(), repository="platform")
        audit.append(
            tx, home.log.key, at=clock.now(), actor="engine", action=announced.COUNTED, subject="platform",
            facts={"counted": {"role": [[[home.id_of("admin"), "viewer", "*", "*"], {}]]}, "part": 1, "parts": 1},
        )  # fmt: skip
    assert home.differ() == found


def test_what_is_said_of_a_token_tells_nothing_of_its_secret(home: Home, database: Database) -> None:
    """It tells one secret from another; what is kept of a secret is another text."""
    token, secret = home.people().create_token("ada", roles=[], life=DAY)
    with database.read() as tx:
        kept = tx.all(select(tables.tokens.c.hash).where(tables.tokens.c.id == token.id))[0]["hash"]
        entry = audit.entries(tx, subject=token.id)[0]
    assert set(entry.facts) == {"person", "roles", "tenant", "stage", "of", "scopes", "expires", "seal"}
    assert kept not in str(entry.facts)
    assert secret not in str(entry.facts)


def test_a_home_that_is_made_now_is_told_from_its_first_entry(tmp_path: Path) -> None:
    """Made by `init`, and begun again because nobody saw the token: what is made by hand is found."""
    from gaia.platform.home import initialise
    from gaia.platform.home.registration import Registered

    settings = Settings.capture({"GAIA_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}, tmp_path)
    row = Registered("platform", str(tmp_path), "main", "folder", states="checkout", checkout=str(tmp_path))
    initialise.first_token(settings, row)
    secret = initialise.first_token(settings, row)
    opened = Database.open(settings.records)
    home = object.__new__(Home)
    home.database, home.log, home.secret = opened, AuditLog("platform", load_key(settings.home / "keys")), secret
    assert home.people().verify() == (2, None)
    home.people().create_token("ada", roles=["viewer"], life=DAY)
    assert home.people().verify() == (3, None)
    home.by_hand(insert(tables.grants).values(person=home.id_of("ada"), role="admin", tenant="*", stage="*"))
    assert home.differ() == [f"role {home.id_of('ada')} admin * * is there, and no entry tells of it"]
    opened.close()


# --- approvals -------------------------------------------------------------------------------------------------------


def differ(loop: Loop) -> list[str]:
    """What does not fit, of approvals."""
    with loop.platform.database.read() as tx:
        return [line for line in announced.differences(tx, loop.platform.key) if line.startswith("approval")]


def counted(loop: Loop) -> Loop:
    """With everything that is there."""
    with loop.platform.database.begin() as tx:
        announced.count(tx, loop.platform.key, at=clock.now(), repository="platform")
    return loop


def by_hand(loop: Loop, change: Callable[[Transaction], object]) -> None:
    """Somebody writes to the database."""
    with loop.platform.database.begin() as tx:
        change(tx)


def test_approvals_are_what_was_signed_and_told(waiting: Loop) -> None:
    """By a person, in another's place, voided and refused: no alarm."""
    loop = counted(waiting)
    loop.as_("gus").approve(loop.request)
    loop.clone.moved()
    loop.world.previews["photos-key"] = {"policy": "open"}
    loop.carry_out(loop.request)
    loop.as_("root").approve(loop.request)
    other = loop.previewed("music")
    loop.as_("gus").reject(other, reason="no")
    loop.rules.says["data.gaia.request.auto_approve"] = lambda _: True
    loop.previewed("films")
    assert differ(loop) == []


def test_an_approval_that_was_changed_or_taken_away_is_found(waiting: Loop) -> None:
    """Its signature does not fit, or it is not there."""
    loop = counted(waiting)
    loop.as_("gus").approve(loop.request)
    [mine] = loop.approvals(loop.request)
    by_hand(loop, lambda tx: tx.change(update(tables.approvals).values(ttl=5)))
    assert differ(loop) == [f"approval {mine.id} is not what was signed"]
    by_hand(loop, lambda tx: tx.change(update(tables.approvals).values(key_id="of-nobody", id="apr_0")))
    missing, made = differ(loop)
    assert "apr_0 is there, and no entry tells of it" in missing + made
    assert f"{mine.id} is not there" in missing + made


def test_an_approval_whose_voiding_was_taken_back_is_found(waiting: Loop) -> None:
    """It would count again."""
    loop = counted(waiting)
    loop.as_("gus").approve(loop.request)
    loop.clone.moved()
    loop.world.previews["photos-key"] = {"policy": "open"}
    loop.carry_out(loop.request)
    [mine] = loop.approvals(loop.request)
    assert mine.voided_at is not None
    by_hand(loop, lambda tx: tx.change(update(tables.approvals).values(voided_at=None)))
    [line] = differ(loop)
    assert line.startswith(f"approval {mine.id}: voided is None")
