"""PostgreSQL: everything that only PostgreSQL needs or understands."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

from gaia.errors import GaiaError, Unavailable
from gaia.records.ports import damaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.engine import ExceptionContext
    from sqlalchemy.exc import IntegrityError

_UPGRADE_LOCK = 0x6761_6961
"""Key of the advisory lock that upgrades take (`gaia` in ASCII)."""
_UNIQUE_VIOLATION = "23505"
_LOCKED = ("55P03", "40P01")  # lock timeout, deadlock
_LACKING = ("42P01", "42703")  # undefined table, undefined column
_CONNECTION_LOST = ("08", "57P", "53")


class Postgresql:
    """A database on a server, shared by any number of processes."""

    def __init__(self, url: str, *, patience: float) -> None:
        target = make_url(url).set(drivername="postgresql+psycopg")
        options = f"-c lock_timeout={int(patience * 1000)} -c timezone=UTC"
        self.name = target.render_as_string(hide_password=True)
        self.engine: Engine = create_engine(
            target, connect_args={"options": options, "connect_timeout": max(2, int(patience))}, pool_pre_ping=True
        )
        event.listen(self.engine, "handle_error", self._translate)

    def revision(self, connection: Connection) -> str | None:
        """The stored revision, None for an empty database."""
        if connection.execute(text("SELECT to_regclass('gaia_revision')")).scalar() is None:
            return None
        revision = connection.execute(text("SELECT version_num FROM gaia_revision")).scalar()
        if isinstance(revision, str):
            return revision
        raise damaged(f"{self.name} does not say which revision it has")

    def examine(self, connection: Connection) -> None:
        """The server keeps its pages and references whole itself."""
        del connection

    @contextmanager
    def upgrading(self) -> Iterator[Connection]:
        """An advisory lock, freed with the transaction."""
        with self.connect(write=True) as connection, connection.begin():
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
            yield connection

    def connect(self, *, write: bool, durable: bool = False) -> Connection:
        """A reader sees one snapshot; writers meet at rows that they lock. Every commit is durable."""
        del durable
        connection = self.engine.connect()
        if write:
            return connection.execution_options(isolation_level="READ COMMITTED")
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def watching(self) -> Iterator[Callable[[], object]]:
        """Which transactions have ended: another text once one that wrote has."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield lambda: connection.execute(text("SELECT CAST(pg_current_snapshot() AS text)")).scalar()

    def is_duplicate(self, error: IntegrityError) -> bool:
        """Whether a unique or primary key was already taken."""
        return getattr(error.orig, "sqlstate", None) == _UNIQUE_VIOLATION

    def _translate(self, context: ExceptionContext) -> None:
        error = self._meaning(context.original_exception, disconnected=context.is_disconnect)
        if error is not None:
            raise error from context.original_exception

    def _meaning(self, error: BaseException, *, disconnected: bool) -> GaiaError | None:
        import psycopg

        state = getattr(error, "sqlstate", None) or ""
        if state in _LOCKED:
            return Unavailable(
                "database-locked",
                f"{self.name}: another process holds a lock",
                next_step="Let the other process end, then try again.",
            )
        if state in _LACKING:
            return damaged(f"{self.name} lacks what its revision has: {str(error).splitlines()[0]}")
        lost = not state and isinstance(error, psycopg.OperationalError)
        if disconnected or lost or state.startswith(_CONNECTION_LOST):
            return Unavailable("database-down", f"{self.name}: {error}", next_step="Start the server, then try again.")
        return None
