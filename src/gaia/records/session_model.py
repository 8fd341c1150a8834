"""The session of a browser, as frozen data; see `gaia.records.model`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that somebody signed in with, without its secret, of which only a hash is kept."""

    id: str
    person: str
    groups: tuple[str, ...]
    """Those that the person was in when they signed in."""
    proved_at: datetime | None
    """When a second factor was asked for last before that."""
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    token: str | None = None
    """The id of the token that it was begun with, which it ends with; None: it was another way."""
