"""Which store of documents a repository has: a folder or the database, and its own part of either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Conflict
from gaia.kit import keys
from gaia.platform.home.registration import is_first
from gaia.records.document_files import FolderDocuments
from gaia.records.document_rows import DatabaseDocuments

if TYPE_CHECKING:
    from gaia.platform.home.registration import Registered
    from gaia.records.database import Database
    from gaia.records.ports import Documents
    from gaia.settings import Settings


def documents_of(settings: Settings, database: Database, row: Registered) -> Documents:
    """Where previews, plans, logs and journals of a repository are.

    Each repository has its own; those of the home's first one are where they were when a home had only one. In a
    database that homes share none is the first.

    Raises:
        Conflict: `documents-elsewhere` where GAIA_DOCUMENTS names the other kind.
    """
    home, wanted = settings.home, settings.documents
    key, kept, first = keys.load_key(home / "keys"), row.documents, is_first(settings, row)
    if wanted not in (None, kept):
        raise Conflict(
            "documents-elsewhere",
            f"GAIA_DOCUMENTS is {wanted}, but the documents of {home} are in the {kept}",
            next_step=f"Set GAIA_DOCUMENTS to {kept}, or take it away. It is chosen when a home is made.",
        )
    if kept == "database":
        return DatabaseDocuments(database, key, of="" if first and not settings.database else row.id)
    return FolderDocuments(home if first else home / "repos" / row.id, key)
