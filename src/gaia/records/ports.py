"""What a database must offer beyond SQL that every database understands, and what a store of documents is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gaia.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import IntegrityError

    from gaia.records.document_model import DocumentKind, GrowingKind, Lines, Stored, WholeKind


RESTORE = "Restore the database from a backup."


class Adapter(Protocol):
    """One kind of database."""

    engine: Engine
    name: str
    """The file, or the URL without its password."""

    def revision(self, connection: Connection) -> str | None:
        """The stored revision, None for an empty database; `database-foreign` for one that is somebody else's."""
        ...

    def examine(self, connection: Connection) -> None:
        """Raise `database-damaged` for what the database itself finds wrong."""
        ...

    def upgrading(self) -> AbstractContextManager[Connection]:
        """A transaction that no other process upgrades beside."""
        ...

    def renumber(self, connection: Connection) -> None:
        """Have numbers that the database gives go on after those that were put into its tables."""
        ...

    def connect(self, *, write: bool, durable: bool = False) -> Connection:
        """A connection whose transaction reads one snapshot, or writes; a `durable` commit outlives a power cut."""
        ...

    def watching(self) -> AbstractContextManager[Callable[[], object]]:
        """A cheap look, whose value differs from the one before once another connection has committed a change."""
        ...

    def presence(self, key: int) -> Presence | None:
        """Take a lock for a session of its own; None where all who use the database are on one machine (SQLite).

        Raises:
            Unavailable: `database-down`. Defect: `presence-taken`.
        """
        ...

    def present(self, connection: Connection) -> frozenset[int]:
        """The keys of those that are held now."""
        ...

    def is_duplicate(self, error: IntegrityError) -> bool:
        """Whether a unique key was already taken."""
        ...


class Presence(Protocol):
    """A lock that a database holds for a session, and frees by itself when the session's process or host is gone."""

    def held(self) -> bool:
        """Ask the database. False: the session is lost, or nobody answers within seconds."""
        ...

    def take_again(self) -> bool:
        """Try to have it in a new session, once; False where that is not possible now."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


class Documents(Protocol):
    """Previews, plans, logs and journals, where any worker can read them.

    A name is one or more parts between slashes: a preview's digest without its `sha256:`, a run's id, for a journal
    REQUEST/STACK/COMPONENT. Every function raises `Invalid("document-name")` for one that could lead out of the store,
    and `Unavailable` where the store cannot be written to or read.
    """

    def put(self, kind: WholeKind, name: str, content: bytes) -> None:
        """Write a document, or another content for it: whole or not at all, and durable on return."""
        ...

    def get(self, kind: WholeKind, name: str) -> bytes:
        """Its content, or `NotFound("document-missing")`; `sealed-…` for plans that cannot be unsealed."""
        ...

    def append(self, kind: GrowingKind, name: str, *lines: bytes, durable: bool = True) -> None:
        """Add whole lines, given without their ends, all or none; on return they outlive a power cut.

        Not `durable`: they outlive this process only, which is enough for a log of many lines. What a writer that was
        killed began is cut off first. Writers of one document queue up.
        """
        ...

    def lines(self, kind: GrowingKind, name: str, after: int = 0) -> Lines:
        """The lines after a position (0, or from an earlier call); none where there is no such document."""
        ...

    def where(self, kind: DocumentKind, name: str) -> str:
        """Where a person finds it, be it there or not: a file, or the words for a row."""
        ...

    def exists(self, kind: DocumentKind, name: str) -> bool:
        """Whether there is such a document."""
        ...

    def delete(self, kind: DocumentKind, name: str) -> bool:
        """Take a document away; False when there was none."""
        ...

    def find(self, kind: DocumentKind, prefix: str = "") -> tuple[Stored, ...]:
        """Documents whose name begins with this, by name."""
        ...


class LineFile(Protocol):
    """One growing document: what a journal writes through and is read from."""

    @property
    def where(self) -> str:
        """Where a person finds it."""
        ...

    def append(self, line: bytes) -> None:
        """Add a line, given without its end; durable on return."""
        ...

    def read(self) -> tuple[bytes, ...]:
        """Every whole line, oldest first."""
        ...


def empty(name: str) -> Unavailable:
    """The one error for a database without anything in it where records should be."""
    return Unavailable("database-empty", f"{name} is empty: the records that it held are lost", next_step=RESTORE)


def damaged(what: str) -> Unavailable:
    """The one error for a database whose tables cannot be read."""
    return Unavailable("database-damaged", what, next_step=RESTORE)
