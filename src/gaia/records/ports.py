"""What a database must offer beyond SQL that every database understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import IntegrityError


class Adapter(Protocol):
    """One kind of database."""

    engine: Engine

    def revision(self, connection: Connection) -> str | None:
        """The stored revision, None for an empty database."""
        ...

    def upgrading(self) -> AbstractContextManager[Connection]:
        """A transaction that no other process upgrades beside."""
        ...

    def connect(self, *, write: bool) -> Connection:
        """A connection whose transaction reads one snapshot, or writes."""
        ...

    def watching(self) -> AbstractContextManager[Callable[[], object]]:
        """A cheap look, whose value differs from the one before once another connection has committed a change."""
        ...

    def is_duplicate(self, error: IntegrityError) -> bool:
        """Whether a unique key was already taken."""
        ...
