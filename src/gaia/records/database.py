"""Opening the database, bringing it up to date, and transactions.

Everything that reads or writes rows takes a `Transaction`; nothing else knows connections.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from gaia.errors import Unavailable
from gaia.records.migrations import HEAD, REVISIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, RowMapping, Select
    from sqlalchemy.sql.dml import UpdateBase

    from gaia.errors import GaiaError
    from gaia.records.ports import Adapter

PATIENCE = 5.0
"""Seconds to wait for a lock before `Unavailable("database-locked")`."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """All or nothing: what was done in it is kept when its block ends, and undone when the block raises."""

    connection: Connection
    writable: bool
    _adapter: Adapter

    def first(self, statement: Select[Any]) -> RowMapping | None:
        """The first row, or None."""
        return self.connection.execute(statement).mappings().first()

    def all(self, statement: Select[Any]) -> Sequence[RowMapping]:
        """Every row."""
        return self.connection.execute(statement).mappings().all()

    def change(self, statement: UpdateBase) -> int:
        """Run an insert, update or delete; the number of rows it touched."""
        return self.connection.execute(statement).rowcount

    def put(self, statement: UpdateBase, taken: GaiaError) -> int:
        """Like `change`, but a key that is already taken raises `taken` and leaves the transaction usable."""
        try:
            with self.connection.begin_nested():
                return self.change(statement)
        except IntegrityError as error:
            if self._adapter.is_duplicate(error):
                raise taken from None
            raise

    def stream(self, statement: Select[Any]) -> Iterator[RowMapping]:
        """Rows as they come, a thousand in memory at a time."""
        yield from self.connection.execute(statement.execution_options(yield_per=1000)).mappings()


class Database:
    """The records of one GAIA_HOME, usable from any thread."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter

    @classmethod
    def open(cls, where: Path | str, *, patience: float = PATIENCE, new: bool = True) -> Database:
        """Open a file (made when missing, 0600) or a `postgresql://` URL and bring its tables up to date.

        With `new=False` a file that is missing, or a database without our tables, is an error: records were there.

        Raises:
            Unavailable: `database-locked` after `patience` seconds, `database-newer`, `database-damaged`,
                `database-unusable`, `database-down`, `disk-full`,
                `database-missing`.
        """
        if not new and not _is_url(where) and not Path(str(where).removeprefix("sqlite:///")).exists():
            raise _missing(where, "is missing")
        database = cls(_adapter(where, patience))
        try:
            database._bring_up_to_date(where, new=new)
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction that may write. On SQLite there is one at a time: keep it short, run no tool inside."""
        with self._adapter.connect(write=True) as connection, connection.begin():
            yield Transaction(connection, True, self._adapter)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that sees one snapshot, waits for no writer, and cannot write."""
        with self._adapter.connect(write=False) as connection, connection.begin():
            yield Transaction(connection, False, self._adapter)

    @contextmanager
    def watch(self) -> Iterator[Callable[[], bool]]:
        """Whether anything may have been committed since the last call; the first call says yes.

        For loops that wait: it costs a hundredth of reading what they wait for. Call it before reading.
        """
        with self._adapter.watching() as look:
            seen: list[object] = []

            def changed() -> bool:
                now = look()
                if seen and seen[0] == now:
                    return False
                seen[:] = [now]
                return True

            yield changed

    def close(self) -> None:
        """Give every connection back."""
        self._adapter.engine.dispose()

    def _bring_up_to_date(self, where: Path | str, *, new: bool) -> None:
        with self.read() as transaction:
            revision = self._adapter.revision(transaction.connection)
            current = _is_current(revision)
        if current:
            return
        if revision is None and not new:
            raise _missing(where, "holds no records of Gaia")
        with self._adapter.upgrading() as connection:
            if not _is_current(self._adapter.revision(connection)):
                from gaia.records.migrations.upgrade import upgrade

                upgrade(connection)


def _is_current(revision: str | None) -> bool:
    if revision is not None and revision not in REVISIONS:
        raise Unavailable(
            "database-newer",
            f"the database has revision {revision}, which this Gaia does not know",
            next_step="Use the newer Gaia that made it, or another GAIA_HOME.",
        )
    return revision == HEAD


def _missing(where: Path | str, fault: str) -> Unavailable:
    shown = "the database" if _is_url(where) else str(where)
    return Unavailable(
        "database-missing",
        f"{shown} {fault}, but this GAIA_HOME is in use",
        next_step="Restore it from a backup; with an empty one every request, approval and token would be forgotten.",
    )


def _is_url(where: Path | str) -> bool:
    return isinstance(where, str) and where.startswith(("postgresql://", "postgresql+psycopg://", "postgres://"))


def _adapter(where: Path | str, patience: float) -> Adapter:
    if _is_url(where):
        from gaia.records.postgresql import Postgresql

        return Postgresql(str(where).replace("postgres://", "postgresql://", 1), patience=patience)
    from gaia.records.sqlite import Sqlite

    return Sqlite(Path(str(where).removeprefix("sqlite:///")), patience=patience)
