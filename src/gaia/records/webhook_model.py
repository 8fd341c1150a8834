"""Webhooks and their deliveries as frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

WebhookKind = Literal["webhook", "slack", "email"]
DeliveryStatus = Literal[
    "waiting",  # it is to be tried, now or again
    "delivered",  # the other side took it
    "failed",  # it was tried as often as there are tries, or can never be taken
]


@dataclass(frozen=True, slots=True)
class Webhook:
    """Somebody's wish to be told elsewhere of what happens in a place."""

    id: str
    repository: str
    tenant: str
    stage: str
    kind: WebhookKind
    shown: str
    """Where to, without what of it is secret."""
    sealed: bytes
    """Where to as a whole, and what deliveries are signed with; sealed with the repository key."""
    types: tuple[str, ...]
    """Globs of types of events."""
    person: str
    """Who made it: it never tells what they may not see."""
    created_at: datetime
    cursor: int
    """The sequence number of the audit log up to which deliveries were written down."""
    held_until: datetime | None
    """Until when one worker has it to itself."""
    tried_at: datetime | None
    """When a worker let go of it last."""
    disabled_at: datetime | None
    disabled_why: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one webhook. Its id is the same at each try."""

    id: str
    webhook: str
    seq: int
    """Of the audit log; 0: a test, of which nothing happened."""
    type: str
    status: DeliveryStatus
    tries: int
    next_at: datetime
    answer: int | None
    """The HTTP or SMTP status of the last try; None where there was no answer."""
    error: str
    created_at: datetime
    ended_at: datetime | None
