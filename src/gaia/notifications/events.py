"""Events are made of the audit log, the one record of what happened; what of it may leave is said here."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from gaia.access import rules
from gaia.kit import clock
from gaia.kit.redact import Redactor
from gaia.notifications.model import PREFIX, EventData, EventView
from gaia.records import audit, people, requests
from gaia.records.model import ANY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from gaia.access.callers import Caller
    from gaia.records.database import Transaction
    from gaia.records.model import Entry, RequestKind

TYPES: Mapping[str, tuple[str, ...]] = {
    "request": (
        *("submitted", "waiting", "denied", "approved", "confirmed", "rejected", "expired", "signed", "commented"),
        *("approval-void", "cancelled", "resumed", "done", "parked", "failed", "retired", "queued", "undone"),
    ),
    "service": ("expires-soon", "expired", "expiry-failed", "kept"),
    "instance": (
        *("applying", "applied", "destroying", "destroyed", "moving", "moved", "accepting", "accepted", "command"),
        *("undone", "undo-parked"),
    ),
    "drift": ("asked", "cancelled", "found", "changed", "ended", "failed"),
    "workflow": ("started", "cancelled", "done", "failed"),
    "repository": ("initialised", "adopted", "recorded", "left"),
    "token": ("created", "replaced", "recovered", "revoked"),
    "person": ("admitted", "disabled", "enabled"),
    "role": ("given", "withdrawn"),
    "access": ("counted",),
    "group": ("joined", "left"),
    "delegation": ("created", "revoked"),
    "session": ("begun", "ended"),
    "link": ("made",),
    "webhook": ("created", "tested", "disabled", "removed"),
    "audit": ("exported",),
    "home": ("cleaned", "backed-up"),
    "key": ("rotated",),
}
"""Everything that is noted when it was done, by the first word of its action. A test holds it against the code that
notes it and docs/reference/events.md."""
FAMILIES = frozenset({"request", "service", "instance", "repository", "drift", "workflow"})
"""First words of the actions that whoever sees the place may be told of. The others, of tokens and people for instance,
are the business of who administers everything."""
FACTS = frozenset(
    {
        *("approval", "approvals", "preview", "run", "commit", "code", "now", "kind", "until"),
        *("lives_until", "warning", "before", "retirement", "cost_so_far", "cost_since_its_end", "currency", "waits"),
        *("changed", "removed", "resources", "instances", "person", "roles", "tenant", "stage", "causes"),
    }
)
"""Facts that may leave; one that is new stays inside until it stands here."""
TEST = "webhook.test"
_OF_REQUESTS = ("request.", "service.")
"""Of which the subject is a request: for a service the one that it came from."""
_MAKES: RequestKind = "provision"
"""The kind of a request that makes what it is about, which goes without saying."""


def seen(
    tx: Transaction,
    repository: str,
    places: Collection[tuple[str, str]],
    *,
    all_families: bool,
    after: int,
    limit: int,
    newest: bool = False,
    between: tuple[datetime, datetime] | None = None,
) -> Sequence[Entry]:
    """What was done in these places after a sequence number, or the last of it; oldest first."""
    return audit.entries(
        tx,
        after=after,
        limit=limit,
        outcome="done",
        repository=repository,
        places=places,
        families=None if all_families else FAMILIES,
        newest=newest,
        between=between,
    )


def seen_by(
    tx: Transaction,
    repository: str,
    caller: Caller,
    *,
    after: int,
    limit: int,
    newest: bool = False,
    between: tuple[datetime, datetime] | None = None,
) -> Sequence[Entry]:
    """`seen`, of what a caller may see."""
    everything = rules.allows(caller, "administer", ANY, ANY)
    places = rules.places(caller, "see")
    return seen(
        tx, repository, places, all_families=everything, after=after, limit=limit, newest=newest, between=between
    )


def made(tx: Transaction, entries: Sequence[Entry], public_url: str | None) -> list[EventView]:
    """The events of some entries, in few statements."""
    names = people.names(tx)
    subjects = requests.subjects(tx, {one.subject for one in entries if one.action.startswith(_OF_REQUESTS)})
    redact = Redactor()
    found = []
    for one in entries:
        service, stack, kind = subjects.get(one.subject, (None, None, None))
        told = {name: value for name, value in one.facts.items() if name in FACTS}
        if kind not in (None, _MAKES) and one.action.startswith("request."):
            told["kind"] = kind  # what was done to what it is about: that of a retirement is gone when it is done
        facts = redact.data(told)
        url = f"{public_url}/requests/{quote(one.subject, safe='')}" if public_url and service else None
        data = EventData(
            names.get(one.actor, one.actor), one.repository, one.tenant, one.stage, service, stack, url,
            facts if isinstance(facts, dict) else {},
        )  # fmt: skip
        found.append(
            _event(one.repository, str(one.seq), one.action, clock.rfc3339(one.at), one.subject, one.seq, data)
        )
    return found


def test(repository: str, tenant: str, stage: str, webhook: str, actor: str, at: str) -> EventView:
    """One of which nothing happened."""
    data = EventData(actor, repository, tenant, stage, None, None, None, {})
    return _event(repository, f"test-{webhook}-{at}", TEST, at, webhook, 0, data)


def _event(repository: str, name: str, action: str, at: str, subject: str, seq: int, data: EventData) -> EventView:
    return EventView(
        "1.0", name, f"urn:gaia:{repository}", PREFIX + action, at, subject or repository, "application/json", seq, data
    )
