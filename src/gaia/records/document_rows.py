"""The store of documents as rows of the database."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, get_args

from sqlalchemy import delete, func, insert, select, update

from gaia.errors import Conflict, Defect
from gaia.kit import clock
from gaia.records.document_model import Lines, Stored, WholeKind
from gaia.records.documents import check_name, closed, missing, opened
from gaia.records.tables import document_lines, documents

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from gaia.kit.keys import SecretKey
    from gaia.records.database import Database, Transaction
    from gaia.records.document_model import DocumentKind, GrowingKind

_TRIES = 50
_OWNED = "@"
"""Begins the names of an owner's documents, and no other name."""


class DatabaseDocuments:
    """Documents as rows, for any number of workers.

    `of` is whose they are, where a home has several repositories: their names in the tables begin so, and no others
    are seen.
    """

    def __init__(self, database: Database, key: SecretKey, *, of: str = "") -> None:
        self._database = database
        self._key = key
        self._of = f"{_OWNED}{of}/" if of else ""

    def _full(self, name: str) -> str:
        """The name in the tables."""
        check_name(name)
        return self._of + name

    def put(self, kind: WholeKind, name: str, content: bytes) -> None:
        """See `ports.Documents`."""
        full = self._full(name)
        values = {"content": closed(self._key, kind, name, content), "made_at": clock.now()}
        again = update(documents).where(documents.c.kind == kind, documents.c.name == full).values(values)
        with self._database.begin(durable=True) as tx:
            if not tx.change(again):
                try:
                    tx.put(insert(documents).values(kind=kind, name=full, **values), _taken(name))
                except Conflict:  # somebody else was faster; the last one's content counts
                    tx.change(again)

    def get(self, kind: WholeKind, name: str) -> bytes:
        """See `ports.Documents`."""
        mine = (documents.c.kind == kind, documents.c.name == self._full(name))
        with self._database.read() as tx:
            row = tx.first(select(documents.c.content).where(*mine))
        if row is None:
            raise missing(kind, name)
        return opened(self._key, kind, name, row["content"])

    def append(self, kind: GrowingKind, name: str, *lines: bytes, durable: bool = True) -> None:
        """See `ports.Documents`."""
        full = self._full(name)
        if any(b"\n" in line for line in lines):
            raise Defect("document-line", "a line holds the end of one", next_step="Report this as a bug of Gaia.")
        for _ in range(_TRIES):
            with suppress(Conflict), self._database.begin(durable=durable) as tx:
                self._append(tx, kind, full, lines)
                return
        raise _taken(name)

    def _append(self, tx: Transaction, kind: GrowingKind, name: str, lines: tuple[bytes, ...]) -> None:
        """A writer that comes beside another one (on PostgreSQL) waits at the key that both want, and loses it."""
        now, mine = clock.now(), _same_lines(kind, name)
        last = tx.first(select(func.max(document_lines.c.seq).label("seq")).where(*mine))
        first = (last["seq"] if last and last["seq"] else 0) + 1
        for seq, line in enumerate(lines, first):
            row = {"kind": kind, "name": name, "seq": seq, "line": line, "made_at": now}
            tx.put(insert(document_lines).values(row), _taken(name))

    def lines(self, kind: GrowingKind, name: str, after: int = 0) -> Lines:
        """See `ports.Documents`."""
        mine = _same_lines(kind, self._full(name))
        wanted = select(document_lines.c.seq, document_lines.c.line).where(*mine)
        with self._database.read() as tx:
            rows = tx.all(wanted.where(document_lines.c.seq > after).order_by(document_lines.c.seq))
        return Lines(tuple(row["line"] for row in rows), rows[-1]["seq"] if rows else after)

    def where(self, kind: DocumentKind, name: str) -> str:
        """See `ports.Documents`."""
        return f"{kind} {self._of}{name} in {self._database.name}"

    def exists(self, kind: DocumentKind, name: str) -> bool:
        """See `ports.Documents`."""
        full = self._full(name)
        table = documents if kind in get_args(WholeKind) else document_lines
        with self._database.read() as tx:
            return tx.first(select(table.c.name).where(table.c.kind == kind, table.c.name == full)) is not None

    def delete(self, kind: DocumentKind, name: str) -> bool:
        """See `ports.Documents`."""
        full = self._full(name)
        table = documents if kind in get_args(WholeKind) else document_lines
        with self._database.begin() as tx:
            return tx.change(delete(table).where(table.c.kind == kind, table.c.name == full)) > 0

    def find(self, kind: DocumentKind, prefix: str = "") -> tuple[Stored, ...]:
        """See `ports.Documents`."""
        table, size = documents, func.sum(func.length(documents.c.content))
        if kind not in get_args(WholeKind):
            table, size = document_lines, func.sum(func.length(document_lines.c.line) + 1)
        columns = (table.c.name, func.max(table.c.made_at).label("at"), size.label("size"))
        wanted = select(*columns).where(
            table.c.kind == kind, table.c.name.startswith(self._of + prefix, autoescape=True)
        )
        with self._database.read() as tx:
            rows = tx.all(wanted.group_by(table.c.name))
        # LIKE takes no notice of case on SQLite, and each database has its own order
        mine = [row for row in rows if row["name"].startswith(self._of + prefix)]
        names = [row["name"].removeprefix(self._of) for row in mine]
        found = [Stored(kind, name, row["at"], int(row["size"])) for name, row in zip(names, mine, strict=True)]
        return tuple(sorted((one for one in found if not one.name.startswith(_OWNED)), key=lambda one: one.name))


def _same_lines(kind: GrowingKind, name: str) -> tuple[ColumnElement[bool], ...]:
    return (document_lines.c.kind == kind, document_lines.c.name == name)


def _taken(name: str) -> Conflict:
    return Conflict("document-busy", f"others write {name} all the time", next_step="Try again.")
