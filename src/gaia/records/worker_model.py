"""A worker as frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that carries runs out beside others, on a database that they share."""

    id: str
    presence: int
    """The key of the lock that its session holds for as long as it is there, see `ports.Presence`."""
    host: str
    boot: str
    namespace: str
    """With `boot`: where its pid means something."""
    pid: int
    started: int
    since: datetime
