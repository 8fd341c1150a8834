"""Events, and where they are sent, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "dev.gaia."
"""Begins the type of each event: reversed, whose it is, as CloudEvents has it."""


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened: CloudEvents 1.0 with the extension `seq`. `data` is `EventData`."""

    specversion: str
    id: str
    """One of its `source`: the same wherever and however often the event is told."""
    source: str
    """`urn:gaia:REPOSITORY`."""
    type: str
    """`dev.gaia.request.approved`: what docs/reference/events.md lists."""
    time: str
    subject: str
    """What it happened to: a request's id, `STACK/COMPONENT`, …"""
    datacontenttype: str
    seq: int
    """Its place in the audit log; what comes after it is newer."""
    data: EventData


@dataclass(frozen=True, slots=True)
class EventData:
    """Who did it, and where."""

    actor: str
    """A person's name, `engine`, `policy` or `operator:NAME`."""
    repository: str
    tenant: str
    stage: str
    service: str | None
    """The service's name and its stack, of an event of a request."""
    stack: str | None
    url: str | None
    """The page of it, where this Gaia knows the address that people reach it at."""
    facts: Mapping[str, object]
    """What else is known of this type; nothing of it is secret."""


@dataclass(frozen=True, slots=True)
class WebhookView:
    """Who is told elsewhere of what happens in a place."""

    id: str
    kind: str
    """`webhook`, `slack` or `email`."""
    target: str
    """Where to; of Slack's URL, which is a secret, only the host."""
    types: tuple[str, ...]
    """Globs of types of events, without `dev.gaia.`."""
    tenant: str
    stage: str
    """`*`: every one."""
    made_by: str
    created_at: str
    state: str
    """`active`, or `disabled`: nothing is sent any more."""
    why: str
    """Why it is disabled."""
    waiting: int
    """How many events it has not taken yet, of those that were written down for it."""


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One event for one webhook, and how its last try went."""

    id: str
    """The header `webhook-id`, the same at each try."""
    seq: int
    """Of the event; 0 for a test."""
    type: str
    status: str
    """`waiting`, `delivered` or `failed`."""
    tries: int
    answer: int | None
    """The HTTP or SMTP status of the last try; null where there was no answer."""
    error: str
    next_at: str | None
    """When it is tried again; null when it has ended."""
    created_at: str
    ended_at: str | None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to, as a whole: secret, but for what a `WebhookView` shows of it."""

    url: str = ""
    secret: str = ""
    """`whsec_…`: what deliveries are signed with."""
    addresses: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "Destination(…)"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try went."""

    taken: bool
    answer: int | None = None
    error: str = ""
    gone: bool = False
    """The other side wants no more of anything."""
    hopeless: bool = False
    """Another try would end as this one."""
