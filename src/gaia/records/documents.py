"""The store of documents and its two homes: a folder, and the database. Both implement `ports.Documents`.

On one machine the documents are files, where Gaia's homes have always had them; in the database any worker on any
machine can read them. Plans are sealed in either: they hold values of attributes, secrets among them.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

from sqlalchemy import delete, func, insert, select, update

from gaia.errors import Conflict, Defect, Invalid, NotFound, Unavailable
from gaia.kit import clock, files, sealing
from gaia.records.model import Lines, Stored, WholeKind
from gaia.records.tables import document_lines, documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import ColumnElement

    from gaia.kit.keys import Key
    from gaia.records.database import Database, Transaction
    from gaia.records.model import DocumentKind, GrowingKind
    from gaia.records.ports import Documents

_SEALED: frozenset[DocumentKind] = frozenset({"plans"})
_PLACES: Mapping[DocumentKind, tuple[str, str]] = {
    "preview": ("previews", ".json"),
    "plans": ("plans", ".sealed"),
    "log": ("runs", "/log.jsonl"),
    "journal": ("journals", "/journal.jsonl"),
}
"""Kind → folder below the home, and what follows the name."""
_OWN = frozenset(end[1:] for _, end in _PLACES.values() if end.startswith("/"))
_LONGEST_PART = 200
"""Bytes; file systems allow 255, and something is added."""
_LONGEST_NAME = 1000
_BLOCK = 64 * 1024
_TRIES = 50


@dataclass(frozen=True, slots=True)
class Growing:
    """One growing document. Implements `ports.LineFile`."""

    documents: Documents
    kind: GrowingKind
    name: str

    def append(self, line: bytes) -> None:
        """Add a line, given without its end; durable on return."""
        self.documents.append(self.kind, self.name, line)

    def read(self) -> tuple[bytes, ...]:
        """Every whole line, oldest first."""
        return self.documents.lines(self.kind, self.name).lines


class FolderDocuments:
    """Documents as files of a GAIA_HOME, 0600. Safe from several threads and processes."""

    def __init__(self, home: Path, key: Key) -> None:
        self._home = files.real_path(home)
        self._key = key

    def put(self, kind: WholeKind, name: str, content: bytes) -> None:
        """See `ports.Documents`."""
        path = self._path(kind, name)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            files.write_atomic(path, _closed(self._key, kind, name, content))
            self._sync_folders(path)
        except OSError as error:
            raise files.write_failed(path, error) from error

    def get(self, kind: WholeKind, name: str) -> bytes:
        """See `ports.Documents`."""
        path = self._path(kind, name)
        with _reading(path):
            try:
                content = path.read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                raise _missing(kind, name) from None
        return _opened(self._key, kind, name, content)

    def append(self, kind: GrowingKind, name: str, *lines: bytes, durable: bool = True) -> None:
        """See `ports.Documents`."""
        path, text = self._path(kind, name), _joined(lines)
        if not lines:
            return
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)  # freed by closing, also by dying
                self._append(path, handle, text, durable=durable)
            finally:
                os.close(handle)
        except OSError as error:
            raise files.write_failed(path, error) from error

    def _append(self, path: Path, handle: int, text: bytes, *, durable: bool) -> None:
        size = _whole(handle)
        os.ftruncate(handle, size)
        if durable and size == 0:
            self._sync_folders(path)  # before its first line is: a line in a file that no folder names is lost
        try:
            _write(handle, text)
            if durable:
                os.fsync(handle)
        except OSError:
            with suppress(OSError):  # else the half line stays; every reader drops it
                os.ftruncate(handle, size)
            raise

    def lines(self, kind: GrowingKind, name: str, after: int = 0) -> Lines:
        """See `ports.Documents`."""
        path = self._path(kind, name)
        with _reading(path):
            try:
                with path.open("rb") as file:
                    file.seek(after)
                    content = file.read()
            except (FileNotFoundError, NotADirectoryError):
                return Lines((), after)
        whole = content[: content.rfind(b"\n") + 1]
        return Lines(tuple(whole.split(b"\n")[:-1]), after + len(whole))

    def exists(self, kind: DocumentKind, name: str) -> bool:
        """See `ports.Documents`."""
        return self._path(kind, name).is_file()

    def delete(self, kind: DocumentKind, name: str) -> bool:
        """See `ports.Documents`. Folders that it leaves empty go too."""
        path = self._path(kind, name)
        try:
            path.unlink()
            files_of_kind = self._home / _PLACES[kind][0]
            for folder in path.parents:
                if folder == files_of_kind or any(folder.iterdir()):
                    _sync(folder)
                    break
                folder.rmdir()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise files.write_failed(path, error) from error
        return True

    def find(self, kind: DocumentKind, prefix: str = "") -> tuple[Stored, ...]:
        """See `ports.Documents`."""
        folder, end = _PLACES[kind]
        root = self._home / folder
        found = []
        for path in root.rglob(f"*{end}" if end.startswith(".") else end[1:]):
            name = path.relative_to(root).as_posix().removesuffix(end)
            with suppress(FileNotFoundError, Invalid):  # gone meanwhile, or the draft of one
                _check_name(name)
                about = path.stat()
                if name.startswith(prefix) and path.is_file():
                    found.append(Stored(kind, name, datetime.fromtimestamp(about.st_mtime, UTC), about.st_size))
        return tuple(sorted(found, key=lambda one: one.name))

    def _path(self, kind: DocumentKind, name: str) -> Path:
        _check_name(name)
        folder, end = _PLACES[kind]
        return files.inside(self._home, f"{folder}/{name}{end}")

    def _sync_folders(self, path: Path) -> None:
        for folder in path.parents:
            _sync(folder)
            if folder == self._home:
                break


class DatabaseDocuments:
    """Documents as rows, for any number of workers."""

    def __init__(self, database: Database, key: Key) -> None:
        self._database = database
        self._key = key

    def put(self, kind: WholeKind, name: str, content: bytes) -> None:
        """See `ports.Documents`."""
        _check_name(name)
        values = {"content": _closed(self._key, kind, name, content), "made_at": clock.now()}
        again = update(documents).where(documents.c.kind == kind, documents.c.name == name).values(values)
        with self._database.begin(durable=True) as tx:
            if not tx.change(again):
                try:
                    tx.put(insert(documents).values(kind=kind, name=name, **values), _taken(name))
                except Conflict:  # somebody else was faster; the last one's content counts
                    tx.change(again)

    def get(self, kind: WholeKind, name: str) -> bytes:
        """See `ports.Documents`."""
        _check_name(name)
        mine = (documents.c.kind == kind, documents.c.name == name)
        with self._database.read() as tx:
            row = tx.first(select(documents.c.content).where(*mine))
        if row is None:
            raise _missing(kind, name)
        return _opened(self._key, kind, name, row["content"])

    def append(self, kind: GrowingKind, name: str, *lines: bytes, durable: bool = True) -> None:
        """See `ports.Documents`."""
        _check_name(name)
        _joined(lines)
        for _ in range(_TRIES):
            with suppress(Conflict), self._database.begin(durable=durable) as tx:
                self._append(tx, kind, name, lines)
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
        _check_name(name)
        wanted = select(document_lines.c.seq, document_lines.c.line).where(*_same_lines(kind, name))
        with self._database.read() as tx:
            rows = tx.all(wanted.where(document_lines.c.seq > after).order_by(document_lines.c.seq))
        return Lines(tuple(row["line"] for row in rows), rows[-1]["seq"] if rows else after)

    def exists(self, kind: DocumentKind, name: str) -> bool:
        """See `ports.Documents`."""
        _check_name(name)
        table = documents if kind in get_args(WholeKind) else document_lines
        with self._database.read() as tx:
            return tx.first(select(table.c.name).where(table.c.kind == kind, table.c.name == name)) is not None

    def delete(self, kind: DocumentKind, name: str) -> bool:
        """See `ports.Documents`."""
        _check_name(name)
        table = documents if kind in get_args(WholeKind) else document_lines
        with self._database.begin() as tx:
            return tx.change(delete(table).where(table.c.kind == kind, table.c.name == name)) > 0

    def find(self, kind: DocumentKind, prefix: str = "") -> tuple[Stored, ...]:
        """See `ports.Documents`."""
        table, size = documents, func.sum(func.length(documents.c.content))
        if kind not in get_args(WholeKind):
            table, size = document_lines, func.sum(func.length(document_lines.c.line) + 1)
        columns = (table.c.name, func.max(table.c.made_at).label("at"), size.label("size"))
        wanted = select(*columns).where(table.c.kind == kind, table.c.name.startswith(prefix, autoescape=True))
        with self._database.read() as tx:
            rows = tx.all(wanted.group_by(table.c.name))
        found = [Stored(kind, row["name"], row["at"], int(row["size"])) for row in rows]
        # LIKE takes no notice of case on SQLite, and each database has its own order
        return tuple(sorted((one for one in found if one.name.startswith(prefix)), key=lambda one: one.name))


def _same_lines(kind: GrowingKind, name: str) -> tuple[ColumnElement[bool], ...]:
    return (document_lines.c.kind == kind, document_lines.c.name == name)


def _check_name(name: str) -> None:
    parts = name.split("/")
    fits = len(name) <= _LONGEST_NAME and name.isprintable() and "\\" not in name
    if not fits or any(not part or part[0] == "." or part in _OWN or _bytes(part) > _LONGEST_PART for part in parts):
        raise Invalid(
            "document-name",
            f"{name!r} cannot name a document",
            next_step="Use parts between slashes that are printable, not empty, and do not begin with a dot.",
        )


def _bytes(part: str) -> int:
    return len(part.encode())


def _joined(lines: tuple[bytes, ...]) -> bytes:
    if any(b"\n" in line for line in lines):
        raise Defect("document-line", "a line holds the end of one", next_step="Report this as a bug of Gaia.")
    return b"".join(line + b"\n" for line in lines)


def _closed(key: Key, kind: DocumentKind, name: str, content: bytes) -> bytes:
    return sealing.seal(key, content, about=f"{kind} {name}") if kind in _SEALED else content


def _opened(key: Key, kind: DocumentKind, name: str, content: bytes) -> bytes:
    return sealing.unseal(key, content, about=f"{kind} {name}") if kind in _SEALED else content


def _missing(kind: DocumentKind, name: str) -> NotFound:
    return NotFound(
        "document-missing",
        f"there is no {kind} {name}",
        next_step="It may have been cleaned up, or lost: restore it from a backup, or make it again.",
        facts={"kind": kind, "name": name},
    )


def _taken(name: str) -> Conflict:
    return Conflict("document-busy", f"others write {name} all the time", next_step="Try again.")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(
            "document-unreadable",
            f"cannot read {path}: {error.strerror}",
            next_step="Check the file's owner and rights.",
        ) from error


def _whole(handle: int) -> int:
    """Size in bytes up to and including the last end of a line."""
    end = os.fstat(handle).st_size
    while end > 0:
        begin = max(0, end - _BLOCK)
        found = os.pread(handle, end - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def _write(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
