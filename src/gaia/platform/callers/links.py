"""Links that sign somebody in with a browser, once and not for long.

A link holds by the entry of the audit log that tells of it, never by its row alone: who writes to the database could
make one of an admin's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.kit import clock
from gaia.platform.acting import ENGINE
from gaia.records import announced, people, sessions, witness

if TYPE_CHECKING:
    from gaia.platform.acting import AuditLog
    from gaia.records.database import Transaction


def make(tx: Transaction, log: AuditLog, actor: str, person: str) -> str:
    """The secret of a link of somebody, by name or id; `actor` made it.

    Raises:
        NotFound: `person-unknown`.
    """
    found, now = people.get_person(tx, person), clock.now()
    made = sessions.make_link(tx, found.id, at=now, life=sessions.LINK_LIFE)
    facts = {"person": found.name, "seal": announced.of_link(made), "expires": clock.rfc3339(now + sessions.LINK_LIFE)}
    log.note(tx, actor, "link.made", found.id, facts)
    return made


def take(tx: Transaction, log: AuditLog, secret: str) -> str | None:
    """The id of whom a link signs in, which holds no longer afterwards; None for one that does not hold."""
    now = clock.now()
    person = sessions.take_link(tx, secret, at=now)
    if person is None:
        return None
    told = witness.link(tx, log.key, person, announced.of_link(secret))
    if told is not None and told.at + sessions.LINK_LIFE > now:
        return told.subject
    log.note(tx, ENGINE, "session.begin", person, {"code": "link-unknown"}, outcome="refused")
    return None
