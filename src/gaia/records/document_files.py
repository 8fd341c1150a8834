"""The store of documents as files of a GAIA_HOME."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit import files, lines
from gaia.records.document_model import Lines, Stored
from gaia.records.documents import PLACES, check_name, closed, missing, opened

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.kit.keys import SecretKey
    from gaia.records.document_model import DocumentKind, GrowingKind, WholeKind


class FolderDocuments:
    """Documents as files of a GAIA_HOME, 0600 in folders that are 0700. Safe from several threads and processes."""

    def __init__(self, home: Path, key: SecretKey) -> None:
        self._home = files.real_path(home)
        self._key = key
        self._growing: dict[tuple[GrowingKind, str], Path] = {}
        """Where lines were added before: a log gets many, and finding its place takes longer than adding one."""

    def put(self, kind: WholeKind, name: str, content: bytes) -> None:
        """See `ports.Documents`."""
        path = self._path(kind, name)
        try:
            files.private_folders(path.parent)
            files.write_atomic(path, closed(self._key, kind, name, content))
            files.sync_folders(path, self._home)
        except OSError as error:
            raise files.write_failed(path, error) from error

    def get(self, kind: WholeKind, name: str) -> bytes:
        """See `ports.Documents`."""
        path = self._path(kind, name)
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise missing(kind, name) from None
        except OSError as error:
            raise files.read_failed(path, error) from error
        return opened(self._key, kind, name, content)

    def append(self, kind: GrowingKind, name: str, *added: bytes, durable: bool = True) -> None:
        """See `ports.Documents`."""
        if added:
            path = self._growing.setdefault((kind, name), self._growing.get((kind, name)) or self._path(kind, name))
            lines.append(path, list(added), below=self._home, durable=durable)

    def lines(self, kind: GrowingKind, name: str, after: int = 0) -> Lines:
        """See `ports.Documents`."""
        return Lines(*lines.read(self._path(kind, name), after))

    def where(self, kind: DocumentKind, name: str) -> str:
        """See `ports.Documents`."""
        return str(self._path(kind, name))

    def exists(self, kind: DocumentKind, name: str) -> bool:
        """See `ports.Documents`."""
        return self._path(kind, name).is_file()

    def delete(self, kind: DocumentKind, name: str) -> bool:
        """See `ports.Documents`. Folders that it leaves empty go too."""
        path = self._path(kind, name)
        try:
            files.drop_drafts(path)
            path.unlink()
            files_of_kind = self._home / PLACES[kind][0]
            for folder in path.parents:
                if folder == files_of_kind or any(folder.iterdir()):
                    files.sync_folder(folder)
                    break
                folder.rmdir()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise files.write_failed(path, error) from error
        return True

    def find(self, kind: DocumentKind, prefix: str = "") -> tuple[Stored, ...]:
        """See `ports.Documents`."""
        folder, end = PLACES[kind]
        root, documents = self._home / folder, list[Stored]()
        for path in (root / prefix.rpartition("/")[0]).rglob(f"*{end}" if end.startswith(".") else end[1:]):
            name = path.relative_to(root).as_posix().removesuffix(end)
            with suppress(FileNotFoundError, Invalid):  # gone meanwhile, or the draft of one
                check_name(name)
                about = path.stat()
                if name.startswith(prefix) and path.is_file():
                    documents.append(Stored(kind, name, datetime.fromtimestamp(about.st_mtime, UTC), about.st_size))
        return tuple(sorted(documents, key=lambda one: one.name))

    def _path(self, kind: DocumentKind, name: str) -> Path:
        check_name(name)
        folder, end = PLACES[kind]
        return files.inside(self._home, f"{folder}/{name}{end}")
