"""PostgreSQL: everything that only PostgreSQL needs or understands."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text

from gaia.errors import GaiaError, Unavailable
from gaia.records.ports import damaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg
    from sqlalchemy.engine import ExceptionContext
    from sqlalchemy.exc import IntegrityError

_UPGRADE_LOCK = 0x6761_6961
"""Key of the advisory lock that upgrades take (`gaia` in ASCII)."""
_PRESENCE = 0x6761_6961
"""The first half of the keys of presence: with two halves they are apart from those of upgrades."""
_ALIVE: dict[str, Any] = {
    "connect_timeout": 2,
    "keepalives": 1,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 3000,
    "options": "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=3 "
    "-c tcp_user_timeout=12000 -c statement_timeout=3000 -c idle_session_timeout=0",
}
"""Of a session of presence: a dead network is noticed by either side in seconds, on the server within 15."""
_UNIQUE_VIOLATION = "23505"
_LOCKED = ("55P03", "40P01")  # lock timeout, deadlock
_LACKING = ("42P01", "42703")  # undefined table, undefined column
_CONNECTION_LOST = ("08", "57P", "53")


_SERIAL = text(
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() "
    "AND (column_default LIKE 'nextval(%' OR is_identity = 'YES')"
)


class Postgresql:
    """A database on a server, shared by any number of processes."""

    def __init__(self, url: str, *, patience: float) -> None:
        target = make_url(url).set(drivername="postgresql+psycopg")
        options = f"-c lock_timeout={int(patience * 1000)} -c timezone=UTC"
        self._target = target
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

    def renumber(self, connection: Connection) -> None:
        """Each column with a sequence of its own goes on after its highest number."""
        for table, column in connection.execute(_SERIAL).all():
            highest = f'(SELECT COALESCE(max("{column}"), 0) + 1 FROM "{table}")'  # noqa: S608 - names of ours
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence(:table, :column), {highest}, false)"),
                {"table": table, "column": column},
            )

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

    def presence(self, key: int) -> PostgresqlPresence:
        """An advisory lock of a session of its own."""
        made = PostgresqlPresence(self._target, key)
        if not made.take_again():
            raise Unavailable(
                "database-down", f"{self.name} gives no session now", next_step="Start the server, then try again."
            )
        return made

    def present(self, connection: Connection) -> frozenset[int]:
        """As the server's table of locks says."""
        found = connection.execute(
            text(
                "SELECT CAST(objid AS bigint) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted "
                "AND classid = :kind AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            ),
            {"kind": _PRESENCE},
        )
        return frozenset(found.scalars())

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


class PostgresqlPresence:
    """A session-level advisory lock on a connection that does nothing else. Used by one thread at a time."""

    def __init__(self, target: URL, key: int) -> None:
        self._target = target.set(drivername="postgresql").render_as_string(hide_password=False)
        self._key = key
        self._session: psycopg.Connection[Any] | None = None

    def held(self) -> bool:
        """See `ports.Presence`: a session that answers has it, since nothing else takes it away."""
        import psycopg

        if self._session is None:
            return False
        try:
            self._session.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def take_again(self) -> bool:
        """See `ports.Presence`."""
        import psycopg

        self.close()
        try:
            session = psycopg.connect(self._target, autocommit=True, **_ALIVE)
        except psycopg.Error:
            return False
        try:
            taken = session.execute("SELECT pg_try_advisory_lock(%s, %s)", (_PRESENCE, self._key)).fetchone()
        except psycopg.Error:
            taken = None
        if taken is None or not taken[0]:
            session.close()
            return False
        self._session = session
        return True

    def close(self) -> None:
        """See `ports.Presence`."""
        if self._session is not None:
            self._session.close()
            self._session = None
