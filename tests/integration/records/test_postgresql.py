"""The records on PostgreSQL: the unit tests that know no file, run again, and what only a server can show."""

from __future__ import annotations

import inspect
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError
from tests.unit.records import (
    conftest,
    test_approvals,
    test_audit,
    test_audit_export,
    test_audit_wanted,
    test_chores,
    test_copying,
    test_delegations,
    test_documents,
    test_leases,
    test_lifetimes,
    test_looks,
    test_people,
    test_previews,
    test_requests,
    test_resources,
    test_runs,
    test_signing_in,
    test_upgrading,
    test_watching,
    test_webhooks,
)
from tests.unit.records.moments import T0

from gaia.errors import Conflict, GaiaError, Unavailable
from gaia.records import audit, indexes, leases, lifetimes, people, requests, resources, runs, tables
from gaia.records.database import Database
from gaia.records.migrations import HEAD, VERSION_TABLE
from gaia.records.postgresql import Postgresql
from gaia.records.resources import Found

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from types import ModuleType

    from gaia.kit.keys import SecretKey
    from gaia.records.lifetime_model import Lifetime
    from gaia.records.model import Person, Request

pytestmark = pytest.mark.cloud
_OF_SQLITE = {"path"}
_SAME = (
    test_approvals, test_audit, test_audit_export, test_audit_wanted, test_chores, test_copying, test_delegations,
    test_documents, test_leases, test_lifetimes, test_looks, test_people, test_previews, test_requests,
    test_resources, test_runs, test_signing_in, test_watching, test_webhooks,
)  # fmt: skip


def _shared(module: ModuleType) -> dict[str, object]:
    """Tests and fixtures of a module that name no file of SQLite."""
    found: dict[str, object] = {}
    for name, value in vars(module).items():
        fixture = type(value).__name__ == "FixtureFunctionDefinition"
        test = name.startswith("test_") and inspect.isfunction(value)
        if fixture or (test and not _OF_SQLITE & set(inspect.signature(value).parameters)):
            found[name] = value
    return found


for _module in _SAME:
    globals().update(_shared(_module))
tx, make_person, make_request = conftest.tx, conftest.make_person, conftest.make_request


def test_migrations_give_the_tables_that_the_code_expects(database: Database) -> None:
    """No difference between the migrations' end and the tables."""
    assert indexes.__doc__  # imported, so that they are compared
    with database.read() as tx:
        context = MigrationContext.configure(tx.connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, tables.metadata) == []


def test_a_database_of_revision_2_goes_on(server: str) -> None:
    """Every row is kept, as on SQLite."""
    url = make_database(server, "old")
    old = Database(Postgresql(url, patience=1))
    test_upgrading.make_old(old, "0002")
    old.close()
    database = Database.open(url)
    test_upgrading.check(database)
    database.close()


def test_processes_that_open_a_new_database_at_once_all_succeed(server: str) -> None:
    """One migrates, the others wait for it."""
    url = make_database(server, "fresh")
    failures: list[BaseException] = []

    def work() -> None:
        try:
            Database.open(url, create=True).close()
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    _at_once(work, 4)
    assert failures == []


def test_the_database_refuses_changes_of_the_log(database: Database, key: SecretKey) -> None:
    """Neither update, delete nor truncate of entries goes through, nor deletion of the head."""
    with database.begin() as tx:
        audit.append(tx, key, at=T0, actor="a", action="b", subject="c")
    for statement in (
        update(tables.audit).values(actor="per_2"),
        delete(tables.audit),
        delete(tables.audit_head),
        text("TRUNCATE audit"),
    ):
        with pytest.raises(DBAPIError, match="append-only"), database.begin() as tx:
            tx.connection.execute(statement)
    with database.read() as tx:
        assert audit.verify(tx, key) is None


def test_writers_at_the_same_time_append_one_chain(url: str, key: SecretKey) -> None:
    """They queue up at the head's row."""
    database = Database.open(url)

    def work() -> None:
        for _ in range(10):
            with database.begin() as tx:
                audit.append(tx, key, at=T0, actor="a", action="b", subject="c")

    _at_once(work, 4)
    with database.read() as tx:
        assert [each.seq for each in audit.entries(tx)] == list(range(1, 41))
        assert audit.verify(tx, key) is None
    database.close()


def test_what_is_kept_and_what_is_ended_at_once_is_one_of_both(
    database: Database, make_person: Callable[..., Person], tmp_path: Path
) -> None:
    """Who keeps a service waits for whoever ends it, and finds then what became of it; and the other way round."""
    with database.begin() as tx:
        approval = test_lifetimes.approved(tx, tmp_path, make_person)
        request = requests.get(tx, approval.request)
        lifetimes.begin(tx, request, approval, at=T0, until=T0 + timedelta(days=7))
    for first in ("end", "keep") * 5:
        with database.begin() as tx:
            life = lifetimes.of(tx, request.id)
            assert life is not None
            assert life.until is not None
        over, held, seen = life.until, threading.Event(), list[bool]()

        def end(life: Lifetime = life, over: datetime = over, held: threading.Event = held) -> bool:
            with database.begin() as tx:
                mine = lifetimes.over(tx, life, at=over)
                held.set()
                if mine:
                    time.sleep(0.05)
                    lifetimes.retire(tx, life, request.id)
                return mine

        def keep(life: Lifetime = life, over: datetime = over, held: threading.Event = held) -> bool:
            with database.begin() as tx:
                mine = lifetimes.keep(tx, life, until=over + timedelta(days=1), span=timedelta(days=1))
                held.set()
                if mine:
                    time.sleep(0.05)
                return mine

        begins, follows = (end, keep) if first == "end" else (keep, end)
        one = threading.Thread(target=lambda begins=begins, seen=seen: seen.append(begins()))
        one.start()
        assert held.wait(10)
        second = follows()
        one.join()
        assert (seen, second) == ([True], False), first
        with database.begin() as tx:
            tx.change(update(tables.lifetimes).values(retirement=None))


def test_of_many_one_gets_the_lease(url: str, database: Database, make_request: Callable[..., Request]) -> None:
    """Also when there is no row of it yet, and when it was released."""
    with database.begin() as tx:
        ids = [make_request(tx, f"service-{number}").id for number in range(6)]
    mine = Database.open(url)
    for _ in range(2):
        outcomes: list[str] = []
        waiting = list(ids)

        def work(outcomes: list[str] = outcomes, waiting: list[str] = waiting) -> None:
            request = waiting.pop()
            try:
                with mine.begin() as tx:
                    leases.acquire(tx, "repo-1", "s/a", request=request, run="run_1", at=T0)
                outcomes.append("won")
            except Conflict as conflict:
                outcomes.append(conflict.code)

        _at_once(work, 6)
        assert sorted(outcomes) == ["instance-leased"] * 5 + ["won"]
        with mine.begin() as tx:
            assert sum(leases.release_all(tx, request, at=T0) for request in ids) == 1
    mine.close()


def test_a_lock_held_too_long_is_unavailable(url: str, key: SecretKey) -> None:
    """A writer that waits at a row gives up after the given time; readers do not wait."""
    database = Database.open(url, patience=0.1)
    with database.begin() as tx:
        audit.append(tx, key, at=T0, actor="a", action="b", subject="c")
        with pytest.raises(Unavailable) as caught, database.begin() as other:
            audit.append(other, key, at=T0, actor="a", action="b", subject="c")
        assert caught.value.code == "database-locked"
        with database.read() as reader:
            assert audit.entries(reader) == ()
    database.close()


def test_a_server_that_is_not_there_is_unavailable(server: str) -> None:
    """The password is not shown."""
    with pytest.raises(GaiaError) as caught:
        Database.open(server.format("x").replace("gaia@", "gaia:secret@").replace("gaia-pg-", "gaia-none-"))
    assert caught.value.code == "database-down"
    assert "secret" not in caught.value.message


def test_a_reading_transaction_sees_one_snapshot_and_cannot_write(database: Database) -> None:
    """A commit beside it does not show, and a write in it fails."""
    with database.read() as reader:
        assert people.list_people(reader) == ()
        with database.begin() as tx:
            people.add_person(tx, "ada", at=T0)
        assert people.list_people(reader) == ()
        with pytest.raises(DBAPIError, match="read-only"):
            people.add_person(reader, "bob", at=T0)
    with database.begin() as tx:
        people.add_person(tx, "bob", at=T0)


def make_database(server: str, name: str) -> str:
    """An empty database's URL."""
    import psycopg

    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server.format(name)


def _at_once(work: Callable[[], None], times: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_backup_fills_a_server(server: str, database: Database, make_request: Callable[..., Request]) -> None:
    """Every row is there as it was, and numbers that the server gives go on after those."""
    found = [Found(f"null_resource.n{number}", "null_resource", f"n{number}") for number in range(4)]
    with database.begin() as tx:
        run = runs.add(tx, make_request(tx), "apply", (), at=T0)
        resources.record(tx, run, "acme-use1-dev", "photos-key", found[:3], at=T0)
    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored")
    parts = test_copying.parts_of(database)
    copy = Database.filled(server.format("restored"), HEAD, test_copying.filled_with(parts))
    assert test_copying.rows_of(copy) == test_copying.rows_of(database)
    with copy.begin() as tx:
        assert len(resources.record(tx, run, "acme-use1-dev", "photos-key", found, at=T0)) == 4
    copy.close()
    with pytest.raises(GaiaError) as caught:
        Database.filled(server.format("restored"), HEAD, test_copying.filled_with(parts))
    assert caught.value.code == "database-in-use"
