"""The rows of a database in another one: what a backup holds of the records."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from tests.unit.records.moments import T0 as NOW

from gaia.errors import GaiaError
from gaia.records import answers, audit, chores, copying, people, runs
from gaia.records.answers import Answer
from gaia.records.copying import Part
from gaia.records.database import Database
from gaia.records.migrations import HEAD, REVISIONS
from gaia.records.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from gaia.kit.keys import SecretKey
    from gaia.records.model import Request


def rows_of(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row, as the tables read it."""
    with database.read() as tx:
        return {
            table.name: [dict(row) for row in tx.all(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }


def parts_of(database: Database) -> list[Part]:
    """As they would travel."""
    with database.read() as tx:
        return [Part.read(part.text()) for part in copying.parts(tx)]


def filled_with(parts: list[Part]) -> Callable[[Connection], object]:
    """What puts them there."""
    return lambda connection: copying.fill(connection, parts)


@pytest.fixture(name="used")
def some_use(database: Database, key: SecretKey, make_request: Callable[..., Request]) -> Database:
    """A database with rows of many kinds: times, bytes, lists, objects, numbers that the database gave."""
    with database.begin() as tx:
        request = make_request(tx, "photos")
        person = people.list_people(tx)[0].name
        people.create_token(tx, person, at=NOW, expires=NOW + timedelta(days=1))
        runs.add(tx, request, "preview", ("one", "two"), at=NOW)
        chores.take(tx, "repo-1", "clean", timedelta(0), at=NOW)
        answers.take(tx, request.requester, "key", "call", at=NOW)
        answers.keep(tx, request.requester, "key", Answer(200, b"\x00\xff", {"a": "b"}))
        for number in range(3):
            audit.append(
                tx, key, at=NOW, actor="engine", action="made", subject=f"réq_{number}", repository="repo-1",
                tenant="acme", stage="dev", outcome="done", facts={"n": number},
            )  # fmt: skip
    return database


def test_every_row_is_there_as_it_was(used: Database, key: SecretKey, tmp_path: Path) -> None:
    """Also the log that nobody may change; numbers go on."""
    parts = parts_of(used)
    copy = Database.filled(tmp_path / "copy.db", HEAD, filled_with(parts))
    assert rows_of(copy) == rows_of(used)
    with copy.read() as tx:
        assert audit.verify(tx, key) is None
    with copy.begin() as tx:
        audit.append(
            tx, key, at=NOW, actor="engine", action="made", subject="req_4", repository="repo-1", tenant="", stage="",
            outcome="done", facts={},
        )  # fmt: skip
        assert audit.verify(tx, key) is None
    copy.close()


def test_a_database_that_is_used_takes_none(used: Database, tmp_path: Path) -> None:
    """Nothing in it changes."""
    Database.filled(tmp_path / "copy.db", HEAD, filled_with(parts_of(used))).close()
    with pytest.raises(GaiaError) as caught:
        Database.filled(tmp_path / "copy.db", HEAD, filled_with([]))
    assert caught.value.code == "database-in-use"
    copy = Database.open(tmp_path / "copy.db")
    assert rows_of(copy) == rows_of(used)
    copy.close()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no json\n",
        b'["people"]\n',
        b'{"table": "sqlite_master", "columns": {}}\n',
        b'{"table": "gaia_revision", "columns": {"version_num": "plain"}}\n["0001"]\n',
        b'{"table": "people", "columns": {"secret": "plain"}}\n["x"]\n',
        b'{"table": "chores", "columns": {"name": "plain", "begun_at": "time"}}\n["clean", "tomorrow"]\n',
    ],
)
def test_what_gaia_does_not_write_is_refused(text: bytes, tmp_path: Path) -> None:
    """And nothing of it is kept."""
    with pytest.raises(GaiaError) as caught:
        Database.filled(tmp_path / "copy.db", HEAD, lambda connection: copying.fill(connection, [Part.read(text)]))
    assert caught.value.code == "backup-damaged"
    with pytest.raises(GaiaError) as caught:
        Database.open(tmp_path / "copy.db")
    assert caught.value.code == "database-empty"


def test_rows_of_an_older_gaia_are_brought_up_to_date(database: Database, tmp_path: Path) -> None:
    """As its own database would have been."""
    old = [part for part in parts_of(database) if part.table in ("repositories", "people")]
    copy = Database.filled(tmp_path / "copy.db", REVISIONS[0], filled_with(old))
    assert rows_of(copy)["repositories"] == rows_of(database)["repositories"]
    copy.close()


def test_rows_of_a_newer_one_are_not_guessed_at(tmp_path: Path) -> None:
    """A revision that this Gaia does not know."""
    with pytest.raises(GaiaError) as caught:
        Database.filled(tmp_path / "copy.db", "9999", filled_with([]))
    assert caught.value.code == "database-newer"


def test_a_part_is_lines_of_json(database: Database) -> None:
    """So that people can read them where all else fails."""
    first = next(part for part in parts_of(database) if part.table == "repositories")
    head, row = first.text().decode().splitlines()
    assert json.loads(head)["columns"] == {"id": "plain", "source": "plain", "branch": "plain"}
    assert json.loads(row) == ["repo-1", "/srv/platform", "main"]
