"""Rows that somebody wrote to the database by hand, in homes as they are made: found, and not acted on meanwhile."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert, select, update
from tests.unit.platform import test_announced
from tests.unit.platform.test_announced import DAY, Home, by_hand, counted, differ, hashed

from gaia.access.callers import authenticate
from gaia.errors import Defect, Unauthenticated, Unavailable
from gaia.kit import clock
from gaia.kit.keys import load_key, make_key
from gaia.platform.acting import AuditLog
from gaia.platform.callers.people import People
from gaia.platform.callers.signing_in import SigningIn
from gaia.records import announced, audit, sessions, tables
from gaia.records import people as rows
from gaia.records.database import Database
from gaia.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.platform.loop import Loop

    from gaia.kit.keys import SecretKey

database = test_announced.database


def by_init(tmp_path: Path) -> Home:
    """As `gaia init` makes one."""
    from gaia.platform.home import initialise
    from gaia.platform.home.registration import Registered

    settings = Settings.capture({"GAIA_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}, tmp_path)
    row = Registered("platform", str(tmp_path), "main", "folder", states="checkout", checkout=str(tmp_path))
    secret = initialise.first_token(settings, row)
    return home_of(Database.open(settings.records), load_key(settings.home / "keys"), secret)


def by_serving(tmp_path: Path) -> Home:
    """As the first `gaia serve` makes its admin, where the home has nobody."""
    from gaia.bootstrap.served import Served

    opened, key = Database.open(tmp_path / "served.db", create=True), make_key(tmp_path / "keys")
    first: Any = SimpleNamespace(database=opened, audit=AuditLog("platform", key))
    nothing: Any = None
    secret = Served(first, nothing, nothing, "us-east-1").first_admin()
    assert secret is not None
    return home_of(opened, key, secret)


def by_restoring(tmp_path: Path) -> Home:
    """As `gaia restore` fills one from the rows of another."""
    from gaia.records import copying
    from gaia.records.migrations import HEAD

    whole = by_init(tmp_path)
    with whole.database.read() as tx:
        parts = list(copying.parts(tx))
    whole.database.close()
    filled = Database.filled(tmp_path / "restored.db", HEAD, lambda one: copying.fill(one, parts))
    return home_of(filled, whole.log.key, whole.secret)


def home_of(database: Database, key: SecretKey, secret: str) -> Home:
    """One that is there already."""
    home = object.__new__(Home)
    home.database, home.log, home.secret = database, AuditLog("platform", key), secret
    return home


@pytest.fixture(params=[by_init, by_serving, by_restoring])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    """One of them, with ada, who is only a viewer."""
    home: Home = request.param(tmp_path)
    home.people().create_token("ada", roles=["viewer"], life=DAY)
    assert home.differ() == []
    yield home
    home.database.close()


def test_who_was_made_by_hand_is_found_in_any_home(made: Home) -> None:
    """A person with the role of an admin and a token, of whom no entry tells."""
    now = clock.now()
    made.by_hand(
        insert(tables.people).values(id="per_forged", name="mallory", created_at=now, disabled=False),
        insert(tables.grants).values(person="per_forged", role="admin", tenant="*", stage="*"),
        insert(tables.tokens).values(
            id="tok_forged", person="per_forged", hash=hashed("f"), scopes=["administer"], created_at=now,
            expires_at=now + DAY,
        ),
    )  # fmt: skip
    assert made.differ() == [
        "token tok_forged is there, and no entry tells of it",
        "role per_forged admin * * is there, and no entry tells of it",
    ]


@pytest.mark.parametrize("name", ["admin", "ada"])
def test_a_role_that_was_taken_by_hand_is_found_in_any_home(made: Home, name: str) -> None:
    """The first admin's, and what came with a token."""
    who = made.id_of(name)
    with made.database.read() as tx:
        caller = authenticate(tx, made.secret, clock.now())
    made.by_hand(delete(tables.grants).where(tables.grants.c.person == who))
    with pytest.raises(Defect) as caught:
        People(made.database, made.log, caller).verify() if name == "ada" else found(made)
    assert f"role {who} " in str(caught.value)


def found(home: Home) -> None:
    """What `verify` raises, also where nobody may ask any more."""
    with home.database.read() as tx:
        if rows := announced.differences(tx, home.log.key):
            raise Defect("records-differ", "; ".join(rows), next_step="Look.")


def test_two_who_changed_names_are_found(made: Home) -> None:
    """Links, roles and groups are given to a name."""
    people = tables.people
    for old, new in (("admin", "x"), ("ada", "admin"), ("x", "ada")):
        made.by_hand(update(people).where(people.c.name == old).values(name=new))
    lines = made.differ()
    assert len(lines) == 2
    assert all(line.startswith("name per_") and ": called is " in line for line in lines)


def test_a_session_that_forgot_its_token_is_found(made: Home) -> None:
    """It would outlive the token that it was begun with."""
    SigningIn(made.database, made.log, None).enter(made.secret, "/")
    made.by_hand(update(tables.sessions).values(token=None))
    [line] = made.differ()
    assert ": token is None" in line


# --- links ------------------------------------------------------------------------------------------------------------


def forged_link(home: Home) -> str:
    """An admin's, of which no entry tells; verify is told of it by nobody."""
    with home.database.begin() as tx:
        return sessions.make_link(tx, home.id_of("admin"), at=clock.now(), life=DAY)


def test_a_link_that_no_entry_tells_of_signs_nobody_in(made: Home) -> None:
    """It is found while it lies there, and holds no longer once somebody tried it."""
    signing_in, secret = SigningIn(made.database, made.log, None), forged_link(made)
    [line] = made.differ()
    assert line.startswith("link ")
    assert line.endswith("no entry tells of it")
    with pytest.raises(Unauthenticated) as caught:
        signing_in.follow(secret, "/")
    assert caught.value.code == "link-unknown"
    assert made.differ() == []
    with made.database.read() as tx:
        assert [one.action for one in audit.entries(tx, outcome="refused")] == ["session.begin"]


def test_a_link_signs_in_whom_it_was_made_for_once_and_not_for_long(made: Home) -> None:
    """Whatever its row says of the person and of its time, and if it is put back."""
    signing_in, links = SigningIn(made.database, made.log, None), tables.sign_in_links
    hers = made.people().sign_in_link("ada")
    made.by_hand(update(links).values(person=made.id_of("admin"), expires_at=clock.now() + DAY))
    assert sorted(line.partition(": ")[2].partition(" ")[0] for line in made.differ()) == ["expires", "of"]
    with pytest.raises(Unauthenticated):
        signing_in.follow(hers, "/")

    mine = made.people().sign_in_link("admin")
    with made.database.read() as tx:
        [row] = tx.all(select(links))
    assert signing_in.in_session(signing_in.follow(mine, "/").secret).name == "admin"
    made.by_hand(insert(links).values(**row))
    [line] = made.differ()
    assert "took it away" in line
    with pytest.raises(Unauthenticated):
        signing_in.follow(mine, "/")


def test_a_link_whose_time_was_made_longer_is_over(made: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry says when it was made."""
    mine, now = made.people().sign_in_link("admin"), clock.now()
    made.by_hand(update(tables.sign_in_links).values(expires_at=now + DAY))
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=11))
    with pytest.raises(Unauthenticated):
        SigningIn(made.database, made.log, None).follow(mine, "/")


# --- who asked ------------------------------------------------------------------------------------------------------


def requester_is(loop: Loop, request: str, who: str) -> None:
    """Somebody writes another one to the request."""
    with loop.platform.database.begin() as tx:
        other = rows.get_person(tx, who).id
        tx.change(update(tables.requests).where(tables.requests.c.id == request).values(requester=other))


def odd(loop: Loop) -> list[str]:
    """What does not fit, of requests."""
    with loop.platform.database.read() as tx:
        return [line for line in announced.differences(tx, loop.platform.key) if line.startswith("request")]


def test_nobody_approves_of_their_own_by_writing_another_to_it(waiting: Loop) -> None:
    """Neither the approver whose request it was, nor anybody else, until it is right again."""
    who = requester_of(waiting)
    requester_is(waiting, waiting.request, "vic")
    for approver in ("gus", "root"):
        with pytest.raises(Unavailable) as caught:
            waiting.as_(approver).approve(waiting.request)
        assert (caught.value.code, bool(caught.value.next_step)) == ("request-damaged", True)
    assert waiting.approvals(waiting.request) == ()
    [line] = odd(waiting)
    assert line.startswith(f"request {waiting.request}: requester is per_")
    requester_is(waiting, waiting.request, who)
    assert odd(waiting) == []
    assert waiting.as_("gus").approve(waiting.request).status == "applying"


def test_an_application_asks_who_asked_too(approved: Loop) -> None:
    """Changed after the approval: nothing is changed, and the run parks."""
    requester_is(approved, approved.request, "vic")
    approved.carry_out(approved.request)
    run = approved.run(approved.request)
    assert (run.status, run.code) == ("parked", "request-damaged")


def test_no_policy_approves_for_somebody_else(loop: Loop) -> None:
    """What was asked for by one, in the name of another: a person decides, and is told."""
    loop.rules.says["data.gaia.request.auto_approve"] = lambda _: True
    request = loop.ask()
    requester_is(loop, request, "vic")
    loop.work_on(request)
    assert loop.view(request).status == "waiting"
    assert loop.approvals(request) == ()


def requester_of(loop: Loop) -> str:
    """The name of whoever asked."""
    with loop.platform.database.read() as tx:
        return rows.get_person(tx, loop.row(loop.request).requester).name


def test_an_approval_under_another_key_is_found(waiting: Loop) -> None:
    """Nobody could check its signature; its reason and preview might be anything."""
    loop = counted(waiting)
    loop.as_("gus").approve(loop.request)
    [mine] = loop.approvals(loop.request)
    by_hand(loop, lambda tx: tx.change(update(tables.approvals).values(key_id="key-of-nobody", reason="said by hand")))
    [line] = differ(loop)
    assert line.startswith(f"approval {mine.id}: key is key-of-nobody")


def test_a_counting_that_is_not_whole_is_no_counting(database: Database, key: SecretKey) -> None:
    """Its other parts are not there: nothing could be held against it, and that is said."""
    home = Home(database, key)
    with database.begin() as tx:
        audit.append(
            tx, key, at=clock.now(), actor="engine", action=announced.COUNTED, subject="platform",
            facts={"counted": {}, "part": 1, "parts": 2},
        )  # fmt: skip
    assert home.differ() == ["the entry that lists what there was is not whole"]
