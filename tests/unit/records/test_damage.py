"""Databases that are missing, empty, somebody else's or damaged: one clear error each, and nothing is written."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from tests.unit.records.moments import T0

from gaia.errors import Unavailable
from gaia.records import approvals, audit, people, previews, requests, runs
from gaia.records.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.kit.keys import SecretKey
    from gaia.records.database import Transaction
    from gaia.records.model import Person, Request


def refused(path: Path, *, create: bool = False) -> Unavailable:
    """The error of opening."""
    with pytest.raises(Unavailable) as caught:
        Database.open(path, create=create)
    assert str(path) in caught.value.message
    assert caught.value.next_step
    return caught.value


def behind_its_back(path: Path, *statements: str) -> None:
    """Somebody writes to the file with another program."""
    raw = sqlite3.connect(path)
    for each in statements:
        raw.execute(each)
    raw.commit()
    raw.close()


def test_a_database_that_is_missing_is_not_made_anew(tmp_path: Path) -> None:
    """Where there were records, a new database would hide that they are lost; only who makes a home makes one."""
    path = tmp_path / "gaia.db"
    assert refused(path).code == "database-missing"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(Unavailable):
        Database.open(path)  # not to make one is what happens unasked
    Database.open(path, create=True).close()
    database = Database.open(path)
    for opened, writable in ((database.read, False), (database.begin, True)):
        with opened() as tx:
            assert tx.writable is writable
    database.close()


def test_an_empty_file_is_not_filled(tmp_path: Path) -> None:
    """Of no byte, or a database without a table; what its log still holds is kept for a restore."""
    path, log = tmp_path / "gaia.db", tmp_path / "gaia.db-wal"
    path.write_bytes(b"")
    log.write_bytes(b"what the log still held")
    assert refused(path).code == "database-empty"
    assert (path.read_bytes(), log.read_bytes()) == (b"", b"what the log still held")
    log.unlink()
    behind_its_back(path, "CREATE TABLE a (b)", "DROP TABLE a")
    assert path.stat().st_size > 0
    assert refused(path).code == "database-empty"


def test_who_makes_a_home_goes_on_with_an_empty_file(tmp_path: Path) -> None:
    """It was killed after it made the file; doing it again is no error, also when all was there."""
    path = tmp_path / "gaia.db"
    path.write_bytes(b"")
    for _ in range(2):
        database = Database.open(path, create=True)
        with database.begin() as tx:
            assert [each.name for each in people.list_people(tx)] in ([], ["ada"])
            if not people.list_people(tx):
                people.add_person(tx, "ada", at=T0)
        database.close()


@pytest.mark.parametrize("create", [False, True])
def test_a_database_of_something_else_is_left_alone(tmp_path: Path, create: bool) -> None:
    """It is named by one of its tables."""
    path = tmp_path / "gaia.db"
    behind_its_back(path, "CREATE TABLE songs (title)", "INSERT INTO songs VALUES ('x')")
    before = path.read_bytes()
    error = refused(path, create=create)
    assert (error.code, "songs" in error.message) == ("database-foreign", True)
    assert path.read_bytes() == before


@pytest.mark.parametrize("statement", ["DELETE FROM gaia_revision", "UPDATE gaia_revision SET version_num = x'00'"])
@pytest.mark.parametrize("create", [False, True])
def test_a_database_without_a_revision_is_damaged(path: Path, statement: str, create: bool) -> None:
    """Its tables are there, so it is neither empty nor to be made anew."""
    behind_its_back(path, statement)
    assert refused(path, create=create).code == "database-damaged"


def test_a_folder_in_its_place_is_unusable(tmp_path: Path) -> None:
    """And so is a file where its folder should be."""
    (tmp_path / "gaia.db").mkdir()
    assert refused(tmp_path / "gaia.db").code == "database-unusable"
    (tmp_path / "home").write_text("")
    assert refused(tmp_path / "home/gaia.db").code == "database-unusable"


@pytest.mark.parametrize("statement", ["DROP TABLE steps", "ALTER TABLE runs DROP COLUMN code"])
def test_a_database_that_lacks_something_is_damaged(database: Database, path: Path, statement: str) -> None:
    """A table or a column that its revision has."""
    behind_its_back(path, statement)
    with pytest.raises(Unavailable) as caught, database.read() as tx:
        runs.steps_of(tx, "run_0") if "steps" in statement else runs.live(tx)
    assert caught.value.code == "database-damaged"


def test_overwritten_pages_are_damage(database: Database, path: Path, make_person: Callable[..., Person]) -> None:
    """Whoever examines the database finds them, without asking for a row that lies there."""
    with database.begin() as tx:
        for number in range(200):
            make_person(tx, f"person-{number}")
    database.examine()
    database.close()
    behind_its_back(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size - size // 4)
        file.write(b"\xff" * (size // 4))
    with pytest.raises(Unavailable) as caught:
        Database.open(path).examine()
    assert caught.value.code == "database-damaged"


def test_a_reference_to_nothing_is_damage(database: Database, path: Path, make_request: Callable[..., Request]) -> None:
    """Only examining finds it: every row alone can be read."""
    with database.begin() as tx:
        make_request(tx)
    database.examine()
    behind_its_back(path, "UPDATE requests SET requester = 'per_0'")
    with pytest.raises(Unavailable, match="a row of requests points at a row of people") as caught:
        database.examine()
    assert caught.value.code == "database-damaged"


ROWS = [
    ("requests", "answers = '{'"), ("requests", "answers = '[]'"), ("requests", "created_at = 'yesterday'"),
    ("requests", "status = 'won'"), ("requests", "kind = 1"), ("requests", "instances = '{}'"),
    ("requests", "instances = 7"), ("requests", "origins = x'ff'"), ("requests", "reason = CAST(x'ff' AS TEXT)"),
    ("previews", "made_at = ''"), ("previews", "\"commit\" = x'00'"),
    ("judgements", "verdict = 'maybe'"), ("judgements", "cost = 'null'"), ("judgements", "findings = '\"a\"'"),
    ("judgements", "policies = x'00'"), ("approvals", "decision = 'perhaps'"), ("approvals", "at = 'soon'"),
    ("approvals", "undecided = '{'"), ("approvals", "signature = x'00'"), ("approvals", "voided_at = 'x'"),
    ("runs", "kind = 'walk'"), ("runs", "status = ''"), ("runs", "\"left\" = 'nothing'"), ("steps", "state = 'x'"),
    ("steps", "result = '[1]'"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "change"), ROWS)
def test_a_row_that_cannot_be_read_is_one_clear_error(
    database: Database, path: Path, make_request: Callable[..., Request], key: SecretKey, table: str, change: str
) -> None:
    """It names the table, says how to go on, and is found by examining."""
    with database.begin() as tx:
        request = make_request(tx)
        preview = previews.add(tx, request, "sha256:1", key=key, commit="c", at=T0)
        judged = previews.add_judgement(
            tx, preview, findings=[], undecided=[], cost={}, policies="p", verdict="allowed", at=T0
        )
        approvals.decide(tx, judged, "approved", person=None, key=key, at=T0)
        run = runs.add(tx, request, "apply", ("hold",), at=T0)
    behind_its_back(path, f"UPDATE {table} SET {change}")  # noqa: S608
    read: dict[str, Callable[[Transaction], object]] = {
        "requests": lambda tx: requests.get(tx, request.id),
        "previews": lambda tx: previews.get(tx, request.id, "sha256:1"),
        "judgements": lambda tx: previews.latest_judgement(tx, request.id, "sha256:1"),
        "approvals": lambda tx: approvals.live(tx, request.id, "sha256:1") or approvals.of_request(tx, request.id),
        "runs": lambda tx: runs.get(tx, run.id),
        "steps": lambda tx: runs.steps_of(tx, run.id),
    }

    def look() -> None:
        with database.read() as tx:
            read[table](tx)

    for act in (look, database.examine):
        with pytest.raises(Unavailable) as caught:
            act()
        assert caught.value.code == "database-row-damaged"
        assert caught.value.message.isprintable()
        assert "backup" in caught.value.next_step
        if "CAST" not in change:
            assert table in caught.value.message
            assert caught.value.facts == {"table": table}


def test_what_a_row_holds_does_not_act_on_the_terminal(
    database: Database, path: Path, make_request: Callable[..., Request]
) -> None:
    """Its text is escaped and cut where an error quotes it."""
    with database.begin() as tx:
        made = make_request(tx)
    for change in ("created_at = char(27) || '[2J'", "status = char(27) || '[2J' || hex(zeroblob(5000))"):
        behind_its_back(path, f"UPDATE requests SET {change}")  # noqa: S608
        with database.read() as tx, pytest.raises(Unavailable) as caught:
            requests.get(tx, made.id)
        assert caught.value.message.isprintable()
        assert len(caught.value.message) < 400


@pytest.mark.parametrize(
    "change",
    ["at = 'yesterday'", "at = x'00'", "at = '2026-11-23T20:00:00'", "facts = '{'", "facts = '[]'",
     "facts = x'00ff'", "outcome = 'maybe'", "actor = CAST(x'ff' AS TEXT)"],
)  # fmt: skip
def test_an_entry_of_the_log_that_cannot_be_read(database: Database, path: Path, key: SecretKey, change: str) -> None:
    """Listing says so, and verifying says where the chain breaks, with the entries before it looked at."""
    with database.begin() as tx:
        for number in range(4):
            audit.append(tx, key, at=T0, actor="per_1", action="a", subject=f"req_{number}")
    changed = f"UPDATE audit SET {change} WHERE seq = 3"  # noqa: S608
    behind_its_back(path, "DROP TRIGGER audit_no_update", changed)
    with database.read() as tx:
        with pytest.raises(Unavailable) as caught:
            audit.entries(tx)
        assert caught.value.code == "database-row-damaged"
        assert [each.seq for each in audit.entries(tx, limit=2)] == [1, 2]
        assert audit.verify(tx, key) == 3
    behind_its_back(path, "UPDATE audit SET actor = 'per_9' WHERE seq = 2")
    with database.read() as tx:
        assert audit.verify(tx, key) == 2


def test_the_log_is_not_added_to_without_its_head(database: Database, path: Path, key: SecretKey) -> None:
    """It says what is lost instead of beginning anew."""
    behind_its_back(path, "DROP TRIGGER audit_head_no_delete", "DELETE FROM audit_head")
    with database.begin() as tx, pytest.raises(Unavailable) as caught:
        audit.append(tx, key, at=T0, actor="per_1", action="a", subject="b")
    assert caught.value.code == "database-row-damaged"


@pytest.mark.parametrize(("flag", "free", "code"), [
    (0, 10, "disk-full"), (os.ST_RDONLY, 1 << 30, "read-only"), (0, 1 << 30, "database-unusable"),
])  # fmt: skip
def test_the_disk_says_what_sqlite_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flag: int, free: int, code: str
) -> None:
    """An I/O error, or a log that cannot be opened, is said as a full or a read-only disk where it is that."""
    path = tmp_path / "gaia.db"
    path.mkdir()  # SQLite "cannot open" it, as where it cannot make its log
    disk = SimpleNamespace(f_flag=flag, f_bavail=free, f_frsize=1)
    monkeypatch.setattr(os, "statvfs", lambda _: disk)
    assert refused(path).code == code


def test_a_full_and_a_read_only_disk(tmp_path: Path) -> None:
    """For real, where the test may mount one."""
    path, disk = tmp_path / "disk/gaia.db", tmp_path / "disk"
    disk.mkdir()

    def mount(*options: str) -> None:
        done = subprocess.run(["mount", *options, str(disk)], capture_output=True, check=False)
        if done.returncode:
            pytest.skip("optional: only who may mount can make a small disk")

    mount("-t", "tmpfs", "-o", "size=1m", "tmpfs")
    try:
        Database.open(path, create=True).close()
        with suppress(OSError), (disk / "fill").open("wb") as fill:
            while True:
                fill.write(b"0" * 4096)
        assert refused(path).code == "disk-full"
        for name in ("fill", "gaia.db-wal", "gaia.db-shm"):
            (disk / name).unlink(missing_ok=True)
        mount("-o", "remount,ro")
        assert refused(path).code == "read-only"
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
