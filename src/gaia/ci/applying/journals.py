"""Journals of applications that outlive the runner: what was begun is known to whoever comes next."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gaia.checkout.journal_files import JournalFiles
from gaia.errors import Defect
from gaia.kit.shapes import as_texts

if TYPE_CHECKING:
    from gaia.ci.code.ground import Ground
    from gaia.ci.storage.kept import Kept
    from gaia.policy.waivers import Waiver
    from gaia.records.ports import LineFile
    from gaia.stacks.model import Instance


@dataclass(frozen=True)
class KeptLines:
    """A journal in a store: each line is kept before what it announces is done. One at a time writes it."""

    kept: Kept
    name: str
    preview: str = ""
    """The digest of what is applied; it is kept of a journal that is new, before its first line."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def where(self) -> str:
        """For people."""
        return f"{self.name} of what is kept"

    def append(self, line: bytes) -> None:
        """Add a line; kept on return."""
        if b"\n" in line:
            raise Defect("document-line", "a line holds the end of one", next_step="Report this as a bug of Gaia.")
        with self._lock:
            lines = as_texts(self.kept.get(self.name))
            if not lines and self.preview:
                self.kept.put(f"begun/{self.name}", {"preview": self.preview})
            self.kept.put(self.name, [*lines, line.decode()])

    def read(self) -> tuple[bytes, ...]:
        """Every line, oldest first."""
        return tuple(one.encode() for one in as_texts(self.kept.get(self.name)))


@dataclass(frozen=True, slots=True)
class JobRecords(JournalFiles):
    """`gaia.checkout.ports.Records` of a job that plans: what is published is what the base branch has."""

    waivers: tuple[Waiver, ...]

    @property
    def caller(self) -> str:
        """Whom a job acts for."""
        return "CI"

    def published_waivers(self) -> tuple[Waiver, ...]:  # type: ignore[override]
        """The base's."""
        return self.waivers


@dataclass(frozen=True, slots=True)
class KeptRecords(JobRecords):
    """Of a job that applies: its journals are kept elsewhere."""

    kept: Kept
    preview: str
    """The digest of what is applied."""

    def numbers(self, instance: Instance) -> list[int]:
        """Oldest first."""
        prefix = f"journals/{instance.key.folder}/"
        found = (one.removeprefix(prefix) for one in self.kept.store.names(prefix))
        return sorted(int(one) for one in found if one.isascii() and one.isdecimal())

    def journal(self, instance: Instance, number: int) -> LineFile:
        """The journal with this number."""
        return KeptLines(self.kept, journal_name(instance, number), self.preview)


def remembering(ground: Ground, kept: Kept, preview: str) -> Ground:
    """The ground of a job whose journals are kept; `preview` is the digest of what it is about."""
    checkout = ground.checkout
    records = KeptRecords(checkout.workplace, ground.files.waivers, kept, preview)
    return replace(ground, checkout=replace(checkout, records=records))


def journal_name(instance: Instance, number: int) -> str:
    """What the journal of an instance with this number is kept as."""
    return f"journals/{instance.key.folder}/{number}"
