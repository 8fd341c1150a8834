"""The store of documents: what a name may be, what is sealed. Its two homes are a folder and the database.

On one machine the documents are files, where Gaia's homes have always had them; in the database any worker on any
machine can read them. Plans are sealed in either: they hold values of attributes, secrets among them.
So is what was found to have drifted: values that nobody of Gaia's wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound
from gaia.kit import sealing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.kit.keys import SecretKey
    from gaia.records.document_model import DocumentKind, GrowingKind
    from gaia.records.ports import Documents

_SEALED: frozenset[DocumentKind] = frozenset({"plans", "drift"})
PLACES: Mapping[DocumentKind, tuple[str, str]] = {
    "preview": ("previews", ".json"),
    "plans": ("plans", ".sealed"),
    "commits": ("commits", ".bundle"),
    "drift": ("drift", ".sealed"),
    "log": ("runs", "/log.jsonl"),
    "journal": ("journals", "/journal.jsonl"),
}
"""Kind → folder below the home, and what follows the name."""
_OWN = frozenset(end[1:] for _, end in PLACES.values() if end.startswith("/"))
_LONGEST_PART = 200
"""Bytes; file systems allow 255, and something is added."""
_LONGEST_NAME = 1000


@dataclass(frozen=True, slots=True)
class Growing:
    """One growing document. Implements `ports.LineFile`."""

    documents: Documents
    kind: GrowingKind
    name: str

    @property
    def where(self) -> str:
        """Where a person finds it."""
        return self.documents.where(self.kind, self.name)

    def append(self, line: bytes) -> None:
        """Add a line, given without its end; durable on return."""
        self.documents.append(self.kind, self.name, line)

    def read(self) -> tuple[bytes, ...]:
        """Every whole line, oldest first."""
        return self.documents.lines(self.kind, self.name).lines


def check_name(name: str) -> None:
    """Raise `Invalid("document-name")` for one that is no name, or could lead out of the store."""
    parts = name.split("/")
    fits = len(name) <= _LONGEST_NAME and name.isprintable() and "\\" not in name
    if not fits or any(
        not part or part[0] == "." or part in _OWN or len(part.encode()) > _LONGEST_PART for part in parts
    ):
        raise Invalid(
            "document-name",
            f"{name!r} cannot name a document",
            next_step="Use parts between slashes that are printable, not empty, and do not begin with a dot.",
        )


def closed(key: SecretKey, kind: DocumentKind, name: str, content: bytes) -> bytes:
    """What is stored of a content: itself, or sealed."""
    return sealing.seal(key, content, about=f"{kind} {name}") if kind in _SEALED else content


def opened(key: SecretKey, kind: DocumentKind, name: str, content: bytes) -> bytes:
    """The content that was stored; `sealed-…` where it cannot be unsealed."""
    return sealing.unseal(key, content, about=f"{kind} {name}") if kind in _SEALED else content


def missing(kind: DocumentKind, name: str) -> NotFound:
    """The error for a document that is not there."""
    return NotFound(
        "document-missing",
        f"there is no {kind} {name}",
        next_step="It may have been cleaned up, or lost: restore it from a backup, or make it again.",
        facts={"kind": kind, "name": name},
    )
