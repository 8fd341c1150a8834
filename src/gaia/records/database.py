"""Opening the database, bringing it up to date, and transactions.

Everything that reads or writes rows takes a `Transaction`; nothing else knows connections.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from gaia.errors import Conflict, Invalid, Unavailable
from gaia.records.migrations import HEAD, REVISIONS
from gaia.records.ports import RESTORE, empty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, CursorResult, Executable, RowMapping, Select
    from sqlalchemy.sql.dml import UpdateBase

    from gaia.errors import GaiaError
    from gaia.records.ports import Adapter, Presence

PATIENCE = 5.0
"""Seconds to wait for a lock before `Unavailable("database-locked")`."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """All or nothing: what was done in it is kept when its block ends, and undone when the block raises."""

    connection: Connection
    writable: bool
    _adapter: Adapter

    def first(self, statement: Select[Any]) -> RowMapping | None:
        """The first row, or None; `Unavailable("database-row-damaged")`, as for `all` and `stream`."""
        rows = self._execute(statement).mappings()
        with _readable(statement):
            return rows.first()

    def all(self, statement: Select[Any]) -> Sequence[RowMapping]:
        """Every row."""
        rows = self._execute(statement).mappings()
        with _readable(statement):
            return rows.all()

    def change(self, statement: UpdateBase) -> int:
        """Run an insert, update or delete; the number of rows it touched."""
        return self._execute(statement).rowcount

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
        rows = self._execute(statement.execution_options(yield_per=1000)).mappings()
        with _readable(statement):
            yield from rows

    def present(self) -> frozenset[int]:
        """The keys of the workers that are there now, see `ports.Presence`."""
        return self._adapter.present(self.connection)

    def _execute(self, statement: Executable) -> CursorResult[Any]:
        try:
            return self.connection.execute(statement)
        except UnicodeEncodeError as error:  # half characters, of bytes that were no UTF-8
            raise Invalid(
                "text-invalid", f"{error.object!a} is not UTF-8 text", next_step="Write it in UTF-8."
            ) from error


class Database:
    """The records of one GAIA_HOME, usable from any thread."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter

    @classmethod
    def open(cls, where: Path | str, *, create: bool = False, patience: float = PATIENCE) -> Database:
        """Open a file or a `postgresql://` URL and bring its tables up to date.

        `create` is for who makes a home: what is missing (a file, 0600) or empty is filled with tables. Else it is an
        error, for where there were records they have been lost.

        Raises:
            Unavailable: `database-locked` after `patience` seconds, `database-missing`, `database-empty`,
                `database-foreign`, `database-newer`, `database-damaged`, `database-unusable`, `database-down`,
                `disk-full`.
        """
        database = cls(_adapter(where, patience, create=create))
        try:
            database._bring_up_to_date(create=create)
        except BaseException:
            database.close()
            raise
        return database

    @classmethod
    def filled(
        cls, where: Path | str, revision: str, fill: Callable[[Connection], object], *, patience: float = PATIENCE
    ) -> Database:
        """An empty database that `fill` puts the rows of a revision into, brought up to date: all, or nothing.

        Raises:
            Conflict: `database-in-use`. Unavailable: as `open`. Whatever `fill` raises.
        """
        from gaia.records.migrations.upgrade import upgrade

        _is_current(revision)
        database = cls(_adapter(where, patience, create=True))
        try:
            with database._adapter.upgrading() as connection:
                _check_unused(database._adapter, connection)
                upgrade(connection, revision)
                fill(connection)
                database._adapter.renumber(connection)
                upgrade(connection)
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def begin(self, *, durable: bool = False) -> Iterator[Transaction]:
        """A transaction that may write. On SQLite there is one at a time: keep it short, run no tool inside.

        What it commits outlives this process; `durable`: also a power cut, which costs a wait for the disk.
        """
        with self._adapter.connect(write=True, durable=durable) as connection, connection.begin():
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

    def presence(self, key: int) -> Presence | None:
        """See `ports.Adapter`."""
        return self._adapter.presence(key)

    def close(self) -> None:
        """Give every connection back."""
        self._adapter.engine.dispose()

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._adapter.engine.dialect.name

    @property
    def name(self) -> str:
        """The file, or the URL without its password."""
        return self._adapter.name

    def examine(self) -> None:
        """Read everything: raises what some later reading would meet, `database-damaged` or `database-row-damaged`."""
        from gaia.records.tables import metadata

        with self.read() as tx:
            self._adapter.examine(tx.connection)
            for table in metadata.sorted_tables:
                for _ in tx.stream(select(table)):
                    pass

    def _bring_up_to_date(self, *, create: bool) -> None:
        with self.read() as transaction:
            revision = self._adapter.revision(transaction.connection)
        if _is_current(revision):
            return
        if revision is None and not create:
            raise empty(self._adapter.name)
        with self._adapter.upgrading() as connection:
            if not _is_current(self._adapter.revision(connection)):
                from gaia.records.migrations.upgrade import upgrade

                upgrade(connection)


@contextmanager
def _readable(statement: Select[Any]) -> Iterator[None]:
    """What a column's type cannot read was not written by Gaia, or was damaged since."""
    try:
        yield
    except (ValueError, TypeError) as error:
        tables = ", ".join(str(getattr(each, "name", each)) for each in statement.get_final_froms())
        why = "".join(each if each.isprintable() else "?" for each in str(error)[:200])
        raise Unavailable(
            "database-row-damaged",
            f"a row of {tables} cannot be read: {why}",
            next_step=RESTORE,
            facts={"table": tables},
        ) from error


def _check_unused(adapter: Adapter, connection: Connection) -> None:
    if adapter.revision(connection) is not None:
        raise Conflict(
            "database-in-use",
            f"{adapter.name} holds records already",
            next_step="Name an empty database: nothing is put over something else.",
        )


def _is_current(revision: str | None) -> bool:
    if revision is not None and revision not in REVISIONS:
        raise Unavailable(
            "database-newer",
            f"the database has revision {revision}, which this Gaia does not know",
            next_step="Use the newer Gaia that made it, or another GAIA_HOME.",
        )
    return revision == HEAD


def _adapter(where: Path | str, patience: float, *, create: bool) -> Adapter:
    if isinstance(where, str) and where.startswith(("postgresql://", "postgresql+psycopg://", "postgres://")):
        from gaia.records.postgresql import Postgresql

        return Postgresql(where.replace("postgres://", "postgresql://", 1), patience=patience)
    from gaia.records.sqlite import Sqlite

    return Sqlite(Path(str(where).removeprefix("sqlite:///")), patience=patience, create=create)
