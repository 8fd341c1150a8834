"""A way back where no admin can call any more: for whoever owns the home's files, written down."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from gaia.access.callers import authenticate
from gaia.bootstrap import App
from gaia.cli import checks
from gaia.cli.checks import examine
from gaia.errors import Conflict, GaiaError, Invalid, Refused, Unavailable
from gaia.kit import clock
from gaia.kit.keys import load_key, make_key
from gaia.platform.acting import AuditLog
from gaia.platform.callers.people import People
from gaia.platform.home import initialise, registration
from gaia.platform.home.recovering import recover
from gaia.platform.home.registration import Registered
from gaia.records import announced, audit, people, tables
from gaia.records.database import Database
from gaia.records.model import Grant
from gaia.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.records.database import Transaction

DAY = timedelta(days=1)


@pytest.fixture
def first(tmp_path: Path) -> tuple[Settings, str]:
    """A home with one admin, and their token."""
    settings = Settings.capture({"GAIA_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}, tmp_path)
    row = Registered("platform", str(tmp_path), "main", "folder", states="checkout", checkout=str(tmp_path))
    secret = initialise.first_token(settings, row)
    registration.write(settings, row)
    return settings, secret


@contextmanager
def changing(settings: Settings) -> Iterator[Transaction]:
    """A transaction on the home's records."""
    database = Database.open(settings.records)
    with database.begin() as tx:
        yield tx
    database.close()


def expire(settings: Settings) -> None:
    """Every token has ended."""
    with changing(settings) as tx:
        tx.change(update(tables.tokens).values(expires_at=clock.now() - DAY))


def called(settings: Settings, secret: str) -> str:
    """The name of who calls with it."""
    with changing(settings) as tx:
        return authenticate(tx, secret, clock.now()).name


def code_of(settings: Settings, person: str | None = None) -> str:
    """How it is refused."""
    with pytest.raises(GaiaError) as caught:
        recover(settings, person)
    return caught.value.code


def test_the_only_admin_gets_a_token_again(first: tuple[Settings, str]) -> None:
    """The one before ends, the log tells of it and holds, and so do the rows; the doctor told, and is content."""
    settings, old = first
    assert examine(checks.check_admins, App(settings)).state == "ok"
    expire(settings)
    told = examine(checks.check_admins, App(settings))
    assert (told.state, told.remedy) == ("fail", "Make one: `gaia token recover`.")
    token, secret = recover(settings)
    assert (token.person, called(settings, secret)) == ("admin", "admin")
    assert examine(checks.check_admins, App(settings)).state == "ok"
    with pytest.raises(GaiaError):
        called(settings, old)
    key = load_key(settings.home / "keys")
    with changing(settings) as tx:
        entry = audit.entries(tx, subject=token.id)[0]
        assert (entry.actor, entry.action, entry.facts["person"]) == ("operator", "token.recovered", "admin")
        assert entry.facts["user"]
        assert secret not in str(entry.facts)
        assert audit.verify(tx, key) is None
        tx.change(update(tables.tokens).where(tables.tokens.c.id != token.id).values(expires_at=clock.now() - DAY))


def test_rows_are_as_the_log_tells_afterwards(first: tuple[Settings, str]) -> None:
    """Also of the tokens that ended with it."""
    settings, _ = first
    _, secret = recover(settings)
    key = load_key(settings.home / "keys")
    database = Database.open(settings.records)
    with database.read() as tx:
        assert announced.differences(tx, key) == ()
        caller = authenticate(tx, secret, clock.now())
    assert People(database, AuditLog("platform", key), caller).verify() == (2, None)
    database.close()


def test_a_token_that_ends_soon_is_told(first: tuple[Settings, str]) -> None:
    """While its bearer can still make another."""
    settings, _ = first
    with changing(settings) as tx:
        tx.change(update(tables.tokens).values(expires_at=clock.now() + DAY))
    found = examine(checks.check_admins, App(settings))
    assert (found.state, "gaia token create" in found.remedy) == ("warn", True)


def test_it_is_refused_while_somebody_else_can_administer(first: tuple[Settings, str]) -> None:
    """They are named, the refusal is written down, and nothing else is."""
    settings, _ = first
    with changing(settings) as tx:
        now = clock.now()
        people.add_person(tx, "grace", at=now)
        people.grant(tx, "grace", Grant("admin"))
        people.create_token(tx, "grace", at=now, expires=now + DAY)
    with pytest.raises(Conflict, match="grace") as caught:
        recover(settings, "admin")
    assert caught.value.code == "admin-there"
    with changing(settings) as tx:
        entry = audit.entries(tx, newest=True, limit=1)[0]
    assert (entry.action, entry.outcome, entry.facts["code"]) == ("token.recover", "refused", "admin-there")
    expire(settings)
    assert code_of(settings, "dana") == "not-an-admin"
    assert recover(settings)[0].person == "admin"


def test_of_several_one_is_named(first: tuple[Settings, str]) -> None:
    """Unless one of them is the first admin."""
    settings, _ = first
    with changing(settings) as tx:
        for name in ("grace", "ada"):
            people.add_person(tx, name, at=clock.now())
            people.grant(tx, name, Grant("admin"))
        people.set_disabled(tx, "admin", True)
    with pytest.raises(Invalid, match="several") as caught:
        recover(settings)
    assert caught.value.code == "admin-unnamed"
    assert recover(settings, "ada")[0].person == "ada"


def test_where_nobody_administers_any_more_the_one_named_does(first: tuple[Settings, str]) -> None:
    """Somebody who was shut out is let in, who is not there is made; the log tells of all of it."""
    settings, _ = first
    with changing(settings) as tx:
        people.set_disabled(tx, "admin", True)
    assert called(settings, recover(settings)[1]) == "admin"
    with changing(settings) as tx:
        people.withdraw(tx, "admin", Grant("admin"))
    assert called(settings, recover(settings, "grace")[1]) == "grace"
    with changing(settings) as tx:
        actions = [one.action for one in audit.entries(tx)]
    assert actions == [
        "repository.initialised", "person.enabled", "role.given", "token.recovered", "role.given", "token.recovered",
    ]  # fmt: skip


def test_a_name_that_is_none_is_refused(first: tuple[Settings, str]) -> None:
    """And nothing is made."""
    settings, _ = first
    with changing(settings) as tx:
        people.withdraw(tx, "admin", Grant("admin"))
    assert code_of(settings, "\x1b[31mAda") == "name-invalid"


def test_through_a_server_it_is_refused(first: tuple[Settings, str]) -> None:
    """Whatever home lies here."""
    settings, _ = first
    with pytest.raises(Refused) as caught:
        recover(replace(settings, url="https://gaia.example.com"))
    assert caught.value.code == "home-elsewhere"


def test_it_takes_the_key_that_the_records_are_signed_with(first: tuple[Settings, str]) -> None:
    """A worker that shares the database alone is no owner; the log goes on to hold."""
    settings, _ = first
    folder = settings.home / "keys"
    kept = (folder / "repository.key").rename(Path(folder / "away"))
    with pytest.raises(Unavailable) as caught:
        recover(settings)
    assert caught.value.code == "key-missing"
    make_key(folder)
    assert code_of(settings) == "key-other"
    kept.rename(folder / "repository.key")
    with changing(settings) as tx:
        assert audit.verify(tx, load_key(folder)) is None
        assert audit.count(tx) == 1
