"""What the audit log tells of one row, asked where the row is about to be acted on.

`announced` finds a row that was made or changed by hand when somebody asks; here nobody acts on one meanwhile. An entry
counts by its own hash, which takes the home's key: whoever writes to the database alone cannot make one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from gaia.errors import Unavailable
from gaia.records import audit
from gaia.records.people import ENGINE
from gaia.records.ports import RESTORE
from gaia.records.tables import audit as audit_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gaia.kit.keys import SecretKey
    from gaia.records.database import Transaction
    from gaia.records.model import Approval, Entry, Request

ASKED = ("request.submitted", "request.queued")
"""The first of these about a request tells who asked for it."""
SIGNED = ("request.signed", "request.approved")
"""What tells of an approval."""
LINK = "link.made"
"""A link that signs somebody in."""
BEGUN = "session.begun"
"""What tells, of a session that was begun with a link, which one it was."""


def requester(entry: Entry) -> str:
    """Whom an entry that announces a request says to have asked for it: the id of a person."""
    return ENGINE if entry.actor == "engine" else entry.actor


def check_requester(tx: Transaction, key: SecretKey, request: Request) -> None:
    """Pass where whoever the row says to have asked is who did: nobody approves of their own by changing it.

    Raises:
        Unavailable: `request-damaged`.
    """
    told = next(_told(tx, key, ASKED, request.id), None)
    same = told is not None and requester(told) == request.requester and _is_about(told, request)
    if not same:
        raise Unavailable(
            "request-damaged",
            f"request {request.id} says that somebody else asked for it than the audit log",
            next_step=RESTORE,
            facts={"request": request.id},
        )


def link(tx: Transaction, key: SecretKey, person: str, seal: str) -> Entry | None:
    """The entry of a link of a person (by id) that nobody has signed in with; None: there is none."""
    made = [one for one in _told(tx, key, (LINK,), person) if one.facts.get("seal") == seal]
    if not made:
        return None
    begun = (audit_rows.c.action == BEGUN, audit_rows.c.seq > made[-1].seq, audit_rows.c.facts.contains(seal))
    return None if tx.first(select(audit_rows.c.seq).where(*begun).limit(1)) else made[-1]


def is_told(tx: Transaction, key: SecretKey, approval: Approval) -> bool:
    """Whether an entry tells of an approval: one by a key that was replaced counts by that, not by itself."""
    told = _told(tx, key, SIGNED, approval.request)
    return any(one.facts.get("approval") == approval.id for one in told)


def _is_about(told: Entry, request: Request) -> bool:
    """Whether an entry tells of the same service: else the row might be another's, under the id of this one."""
    named = (told.facts.get("service", request.service), told.facts.get("stack", request.stack))
    return named == (request.service, request.stack) and told.repository == request.repository


def _told(tx: Transaction, key: SecretKey, actions: Collection[str], subject: str) -> Iterator[Entry]:
    """Entries of these acts that were done to it and written with the key, oldest first."""
    mine = (audit_rows.c.subject == subject, audit_rows.c.action.in_(actions), audit_rows.c.outcome == "done")
    for row in tx.all(select(audit_rows).where(*mine).order_by(audit_rows.c.seq)):
        if audit.is_written_with(tx, row, key):
            yield audit.entry(row)
