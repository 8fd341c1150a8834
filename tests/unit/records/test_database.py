"""Opening, upgrading, locking and sharing of the database."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from tests.unit.records.moments import T0

from gaia.errors import Conflict, Unavailable
from gaia.records import (
    audit,
    indexes,  # noqa: F401 - adds the indexes to what is compared
    people,
    tables,
)
from gaia.records.database import Database
from gaia.records.migrations import HEAD, REVISIONS, VERSION_TABLE
from gaia.records.migrations.upgrade import configuration

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.kit.keys import SecretKey
    from gaia.records.database import Transaction


def pragma(tx: Transaction, name: str) -> object:
    """The value of a pragma."""
    return tx.connection.execute(text(f"PRAGMA {name}")).scalar()


def test_a_new_database_is_made_for_its_owner_only(tmp_path: Path) -> None:
    """Folder and file are made; nobody else reads them."""
    path = tmp_path / "home" / "gaia.db"
    Database.open(path, create=True).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_connections_are_set_up(database: Database) -> None:
    """WAL, foreign keys, and a synchronization that survives a killed process."""
    for opened in (database.begin, database.read):
        with opened() as tx:
            assert pragma(tx, "journal_mode") == "wal"
            assert pragma(tx, "foreign_keys") == 1
            assert pragma(tx, "synchronous") == 1


def test_a_durable_commit_waits_for_the_disk(database: Database) -> None:
    """And only that one: a connection is used again without."""
    for durable, value in ((True, 2), (False, 1), (True, 2)):
        with database.begin(durable=durable) as tx:
            assert pragma(tx, "synchronous") == value


def test_migrations_give_the_tables_that_the_code_expects(database: Database) -> None:
    """No difference between the migrations' end and `tables.py` with `indexes.py`."""
    with database.read() as tx:
        context = MigrationContext.configure(tx.connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, tables.metadata) == []


def test_the_list_of_revisions_is_alembics() -> None:
    """The quick look at opening knows what alembic knows."""
    script = ScriptDirectory.from_config(configuration())
    assert script.get_current_head() == HEAD
    assert tuple(each.revision for each in script.walk_revisions())[::-1] == REVISIONS


def test_opening_again_changes_nothing(path: Path) -> None:
    """An up-to-date file is not written to."""
    with Database.open(path).begin() as tx:
        people.add_person(tx, "ada", at=T0)
    before = path.read_bytes()
    for _ in range(2):
        database = Database.open(path)
        with database.read() as tx:
            assert [each.name for each in people.list_people(tx)] == ["ada"]
        database.close()
    assert path.read_bytes()[:100] == before[:100]


def test_an_up_to_date_database_opens_without_alembic(path: Path) -> None:
    """Alembic costs a third of a second that only an upgrade may take."""
    code = (
        "import sys; from pathlib import Path; from gaia.records.database import Database;"
        f"Database.open(Path({str(path)!r})).close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.slow
def test_processes_and_threads_that_open_a_new_database_at_once_all_succeed(tmp_path: Path) -> None:
    """One of them migrates, the others wait for it."""
    path = tmp_path / "gaia.db"
    code = (
        "from pathlib import Path; from gaia.records.database import Database;"
        f"Database.open(Path({str(path)!r}), create=True)"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    failures: list[BaseException] = []

    def work() -> None:
        try:
            Database.open(path, create=True).close()
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert process.wait(30) == 0
    assert failures == []


def test_a_failed_upgrade_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables and revision are written together or not at all; the next opening succeeds."""
    path = tmp_path / "gaia.db"

    def fail(connection: object) -> None:
        connection.exec_driver_sql("CREATE TABLE half (done INTEGER)")  # type: ignore[attr-defined]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("gaia.records.migrations.upgrade.upgrade", fail)
        with pytest.raises(KeyboardInterrupt):
            Database.open(path, create=True)
    raw = sqlite3.connect(path)
    assert raw.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    raw.close()
    Database.open(path, create=True).close()


def test_a_newer_database_is_left_alone(path: Path) -> None:
    """A revision that this Gaia does not know is an error, not something to run on."""
    raw = sqlite3.connect(path)
    raw.execute("UPDATE gaia_revision SET version_num = '9999'")
    raw.commit()
    raw.close()
    with pytest.raises(Unavailable) as caught:
        Database.open(path)
    assert caught.value.code == "database-newer"


def test_what_is_no_database_is_called_damaged(tmp_path: Path) -> None:
    """A file of something else is named, and not overwritten."""
    path = tmp_path / "gaia.db"
    path.write_bytes(b"not a database, but long enough to look like one" * 40)
    with pytest.raises(Unavailable) as caught:
        Database.open(path)
    assert caught.value.code == "database-damaged"
    assert path.read_bytes().startswith(b"not a database")


def test_a_folder_that_cannot_be_made_is_an_error_of_its_own(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "home").write_text("")
    with pytest.raises(Unavailable) as caught:
        Database.open(tmp_path / "home" / "gaia.db", create=True)
    assert caught.value.code == "file-not-writable"


def test_a_lock_held_too_long_is_unavailable(path: Path) -> None:
    """Writers wait for the given time; readers do not wait at all."""
    database = Database.open(path, patience=0.01)
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable) as caught, database.begin():
        raise AssertionError
    assert caught.value.code == "database-locked"
    with database.read() as tx:
        assert people.list_people(tx) == ()
    raw.execute("ROLLBACK")
    with database.begin() as tx:
        people.add_person(tx, "ada", at=T0)
    raw.close()
    database.close()


def test_an_upgrade_that_another_process_holds_up_is_unavailable(tmp_path: Path) -> None:
    """Whoever waits for the upgrade of another gives up after a while."""
    path = tmp_path / "gaia.db"
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Unavailable) as caught:
        Database.open(path, create=True, patience=0.01)
    assert caught.value.code == "database-locked"
    raw.close()


def test_a_transaction_is_all_or_nothing(database: Database, make_person: Callable[..., object]) -> None:
    """What raises leaves nothing."""

    def work() -> None:
        with database.begin() as tx:
            make_person(tx, "ada")
            people.add_person(tx, "ada", at=T0)

    with pytest.raises(Conflict):
        work()
    with database.read() as tx:
        assert people.list_people(tx) == ()


def test_a_reading_transaction_sees_one_snapshot_and_cannot_write(database: Database) -> None:
    """A commit beside it does not show, and a write in it fails; the connection writes again afterwards."""
    with database.read() as reader:
        assert people.list_people(reader) == ()
        with database.begin() as tx:
            people.add_person(tx, "ada", at=T0)
        assert people.list_people(reader) == ()
        with pytest.raises(OperationalError, match="readonly"):
            people.add_person(reader, "bob", at=T0)
    with database.begin() as tx:
        people.add_person(tx, "bob", at=T0)
    with database.read() as tx:
        assert len(people.list_people(tx)) == 2


def test_a_taken_key_is_told_from_other_mistakes(tx: Transaction) -> None:
    """Only a duplicate becomes the caller's conflict; a missing row that is pointed at stays an integrity error."""
    taken = Conflict("taken", "taken", next_step="-")
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        tx.put(insert(tables.grants).values(person="per_0", role="admin", tenant="*", stage="*"), taken)


def test_naive_times_are_refused(tx: Transaction) -> None:
    """A time without a zone is a mistake of the caller that must not be guessed about."""
    with pytest.raises(Exception, match="2026"):
        people.add_person(tx, "ada", at=T0.replace(tzinfo=None))


def test_the_database_refuses_changes_of_the_audit_log(database: Database, key: SecretKey) -> None:
    """Neither update, delete nor replacement of an entry goes through, nor deletion of the head."""
    with database.begin() as tx:
        audit.append(tx, key, at=T0, actor="per_1", action="request", subject="req_1")
    for statement in (
        update(tables.audit).values(actor="per_2"),
        delete(tables.audit),
        delete(tables.audit_head),
        text("INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 1"),
    ):
        with pytest.raises(IntegrityError, match="append-only"), database.begin() as tx:
            tx.connection.execute(statement)
    with database.read() as tx:
        assert audit.verify(tx, key) is None
