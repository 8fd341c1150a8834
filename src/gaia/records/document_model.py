"""What the store of documents holds, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

WholeKind = Literal["preview", "plans", "commits", "drift"]
"""Documents that are written whole; `plans` and `drift` (what a look at an instance found) are sealed, `commits` are a
request's branch, for other workers."""
GrowingKind = Literal["log", "journal"]
"""Documents of lines, which only grow."""
DocumentKind = WholeKind | GrowingKind


@dataclass(frozen=True, slots=True)
class Stored:
    """A document in the store: when it was last written, and how many bytes it takes there."""

    kind: DocumentKind
    name: str
    at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines of a growing document, without their ends, and the position to go on reading from."""

    lines: tuple[bytes, ...]
    position: int
