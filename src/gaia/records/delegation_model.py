"""Delegations, and what people said of requests, as frozen data; see `gaia.records.model`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Delegation:
    """Who may approve in another's name, where and until when."""

    id: str
    owner: str
    to: str
    tenant: str
    stage: str
    made_at: datetime
    until: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said of a request."""

    id: str
    request: str
    person: str
    at: datetime
    text: str
