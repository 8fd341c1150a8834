"""SQLite: everything that only SQLite needs or understands."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection, Engine, create_engine, event, text

from gaia.errors import GaiaError, Next, Unavailable
from gaia.kit.files import disk_trouble, exclusive, write_failed
from gaia.records.ports import RESTORE, damaged, empty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy.engine import ExceptionContext
    from sqlalchemy.exc import IntegrityError

_READING = "gaia_reading"
_WATCHING = "gaia_watching"
_DURABLE = "gaia_durable"
_POLL = 0.02


class Sqlite:
    """One file in WAL mode: many readers beside one writer, durable against a killed process."""

    def __init__(self, path: Path, *, patience: float, create: bool) -> None:
        self._path = path
        self._patience = patience
        self.name = str(path)
        if create:
            _touch(path)
        else:
            _check_there(path)
        self.engine: Engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": patience})
        event.listen(self.engine, "connect", _configure)
        event.listen(self.engine, "begin", _begin)
        event.listen(self.engine, "handle_error", self._translate)

    def revision(self, connection: Connection) -> str | None:
        """The stored revision, None for an empty file."""
        names = connection.execute(text("SELECT name FROM sqlite_master")).scalars().all()
        if "gaia_revision" in names:
            revision = connection.execute(text("SELECT version_num FROM gaia_revision")).scalar()
            if isinstance(revision, str):
                return revision
            raise damaged(f"{self._path} does not say which revision it has")
        if names:
            raise Unavailable(
                "database-foreign",
                f"{self._path} is a database of something else: it has the table {names[0]!a}",
                next_step=RESTORE,
            )
        return None

    def examine(self, connection: Connection) -> None:
        """SQLite looks at every page and index, and at references."""
        for found in connection.exec_driver_sql("PRAGMA integrity_check").scalars():
            if found != "ok":
                raise damaged(f"{self._path}: {found}")
        self._check_references(connection)

    @contextmanager
    def upgrading(self) -> Iterator[Connection]:
        """A lock file guards the switch to WAL, which obeys no busy timeout; the transaction guards the rest."""
        lock = self._path.with_name(self._path.name + ".lock")
        deadline = time.monotonic() + self._patience
        while True:
            with exclusive(lock) as held:
                if held:
                    self._switch_to_wal()
                    with self.connect(write=True) as connection, _unreferenced(connection), connection.begin():
                        yield connection
                        self._check_references(connection)
                    return
            if time.monotonic() > deadline:
                raise _locked(self._path)
            time.sleep(_POLL)

    def renumber(self, connection: Connection) -> None:
        """A new row gets a number after the highest."""
        del connection

    def connect(self, *, write: bool, durable: bool = False) -> Connection:
        """A writer takes the write lock at once: a transaction that reads first could not be upgraded later."""
        return self.engine.connect().execution_options(**{_READING: not write, _DURABLE: durable})

    @contextmanager
    def watching(self) -> Iterator[Callable[[], object]]:
        """A number that SQLite keeps for a connection: it changes when another one has committed."""
        with self.engine.connect().execution_options(**{_WATCHING: True}) as connection:
            raw = cast("sqlite3.Connection", connection.connection.dbapi_connection)

            def look() -> object:
                """Asked ten times a second: past SQLAlchemy, which would take ten times as long."""
                try:
                    return raw.execute("PRAGMA data_version").fetchone()
                except sqlite3.Error as error:
                    if (meant := _meaning(self._path, error)) is None:
                        raise
                    raise meant from error

            yield look

    def presence(self, key: int) -> None:
        """A lock of the home's folder says which process is its only engine."""
        del key

    def present(self, connection: Connection) -> frozenset[int]:
        """There are none."""
        del connection
        return frozenset()

    def is_duplicate(self, error: IntegrityError) -> bool:
        """Whether a unique or primary key was already taken."""
        code = getattr(error.orig, "sqlite_errorcode", None)
        return code in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)

    def _switch_to_wal(self) -> None:
        with self.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            if raw is not None:
                raw.execute("PRAGMA journal_mode=WAL")

    def _check_references(self, connection: Connection) -> None:
        """References that were not checked while tables were made again must hold now, or the upgrade is undone."""
        if lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise damaged(f"{self._path}: a row of {lost[0]} points at a row of {lost[2]} that is not there")

    def _translate(self, context: ExceptionContext) -> None:
        error = _meaning(self._path, context.original_exception)
        if error is not None:
            raise error from context.original_exception


def _touch(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # WAL and shared memory take the file's mode
    except OSError as error:
        raise write_failed(path, error) from error


def _check_there(path: Path) -> None:
    """SQLite takes an empty file for a new database, and throws away what its log still holds."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise Unavailable("database-missing", f"there is no {path}", next_step=RESTORE) from None
    except OSError as error:
        raise _unusable(path, error) from error
    if not size:
        raise empty(str(path))


def _configure(raw: sqlite3.Connection, _record: object) -> None:
    raw.isolation_level = None  # the driver would begin transactions late; `_begin` does it
    for pragma in ("foreign_keys=ON", "synchronous=NORMAL", "recursive_triggers=ON"):
        raw.execute(f"PRAGMA {pragma}")


@contextmanager
def _unreferenced(connection: Connection) -> Iterator[None]:
    """References are not held to: SQLite changes a column by making its table again, which rows may point at.

    It obeys the pragma outside of a transaction only.
    """
    raw = cast("sqlite3.Connection", connection.connection.dbapi_connection)
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get(_WATCHING):
        return  # a transaction would see the same number for ever
    reading = bool(connection.get_execution_options().get(_READING))
    connection.exec_driver_sql(f"PRAGMA query_only={int(reading)}")
    if not reading:
        durable = connection.get_execution_options().get(_DURABLE)
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _locked(path: Path) -> Unavailable:
    return Unavailable(
        "database-locked",
        f"{path} is locked by another process",
        next_step=Next("doctor", words="Let the other process end, then try again; see which it is"),
    )


def _unusable(path: Path, error: BaseException) -> Unavailable:
    """SQLite calls everything an I/O error, or cannot open its log; the disk may say why."""
    if trouble := disk_trouble(path.parent):
        return write_failed(path, trouble)
    return Unavailable("database-unusable", f"{path}: {error}", next_step="Check the file's owner and rights.")


def _meaning(path: Path, error: BaseException) -> GaiaError | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        if isinstance(error, sqlite3.OperationalError) and "decode to UTF-8" in str(error):
            return Unavailable("database-row-damaged", f"{path}: a row holds a text that is none", next_step=RESTORE)
        return None
    primary = code & 0xFF
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return _locked(path)
    if primary == sqlite3.SQLITE_FULL:
        return Unavailable("disk-full", f"no space left to write {path}", next_step="Free some space, then resume.")
    if primary in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return damaged(f"{path}: {error}")
    if str(error).startswith(("no such table", "no such column")):
        return damaged(f"{path} lacks what its revision has: {error}")
    if primary in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM) or (
        primary == sqlite3.SQLITE_READONLY and "query_only" not in str(error) and not os.access(path, os.W_OK)
    ):
        return _unusable(path, error)
    return None
