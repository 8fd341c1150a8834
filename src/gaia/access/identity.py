"""Whom a provider of identities vouches for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

LEEWAY = timedelta(seconds=30)
"""By how much the clocks of Gaia and of a provider may differ."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a provider vouches for, until when, and what it says of them."""

    issuer: str
    subject: str
    name: str
    """As it is said; any text."""
    groups: frozenset[str]
    proved_at: datetime | None
    """When a second factor was asked for last; None: not that the token says."""
    until: datetime
