"""How long a service lives, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Lifetime:
    """The life of a service that was given an end."""

    request: str
    """The one that the service came from."""
    repository: str
    approval: str
    """The one that says so."""
    began_at: datetime
    span: int
    """Seconds from when its end was set to that end: how early its warnings are goes by it."""
    until: datetime | None
    """None: somebody kept it for ever."""
    warned: int
    """How many warnings were given of this end."""
    warned_at: datetime | None
    retirement: str | None
    """The request that the engine made, to end it."""
    told_at: datetime | None
    """When somebody was last told that it does not end."""
