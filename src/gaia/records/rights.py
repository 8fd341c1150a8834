"""Rows that give rights, by kind and name, as facts that entries of the audit log can be held against."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from gaia.kit import clock
from gaia.records.people import ENGINE, names
from gaia.records.tables import approvals as approval_rows
from gaia.records.tables import (
    delegations,
    grants,
    identities,
    memberships,
    people,
    requests,
    sessions,
    sign_in_links,
    tokens,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import RowMapping

    from gaia.records.database import Transaction

Facts = dict[str, Any]
Name = tuple[str, ...]
TOKEN = ("of", "scopes", "expires", "seal")
SESSION = ("groups", "proved_at", "expires", "seal", "token")


def token(row: RowMapping) -> Facts:
    """What is told of a token."""
    return {
        "of": row["person"],
        "scopes": sorted(row["scopes"]),
        "expires": clock.rfc3339(row["expires_at"]),
        "seal": seal(row["hash"]),
    }


def session(row: RowMapping) -> Facts:
    """What is told of a browser's session, but for whose it is."""
    return {
        "groups": sorted(row["groups"]),
        "proved_at": clock.rfc3339(row["proved_at"]) if row["proved_at"] else None,
        "expires": clock.rfc3339(row["expires_at"]),
        "seal": seal(row["hash"]),
        "token": row["token"],
    }


def seal(kept: str) -> str:
    """Tells one secret from another, and nothing of either: what is kept of a secret is a hash already."""
    return hashlib.sha256(kept.encode()).hexdigest()[:32]


def there(tx: Transaction) -> dict[str, dict[Name, Facts]]:
    """Every row, by kind and name."""
    return {kind: dict(read(tx)) for kind, read in _READERS.items()}


def _tokens(tx: Transaction) -> Iterator[tuple[Name, Facts]]:
    for row in tx.stream(select(tokens)):
        yield (row["id"],), {**token(row), "revoked": row["revoked_at"] is not None}


def _roles(tx: Transaction) -> Iterator[tuple[Name, Facts]]:
    for row in tx.stream(select(grants)):
        yield (row["person"], row["role"], row["tenant"], row["stage"]), {}


def _groups(tx: Transaction) -> Iterator[tuple[Name, Facts]]:
    for row in tx.stream(select(memberships)):
        yield (row["person"], row["name"]), {}


def _shut_out(tx: Transaction) -> Iterator[tuple[Name, Facts]]:
    for row in tx.stream(select(people.c.id).where(people.c.disabled, people.c.id != ENGINE)):
        yield (row["id"],), {}


def _delegations(tx: Transaction) -> Iterator[tuple[Name, Facts]]:
    for row in tx.stream(select(delegations)):
        said = {"of": row["owner"], "to": row["to"], "tenant": row["tenant"], "stage": row["stage"]}
        until, revoked = clock.rfc3339(row["until"]), row["revoked_at"] is not None
        yield (row["id"],), {**said, "until": until, "revoked": revoked}


def _identities(tx: Transaction) -> Iterator[tuple[Name, Facts]]:
    for row in tx.stream(select(identities)):
        yield (row["issuer"], row["subject"]), {"of": row["person"]}


def _sessions(tx: Transaction) -> Iterator[tuple[Name, Facts]]:
    for row in tx.stream(select(sessions)):
        ended = {"ended": True} if row["ended_at"] is not None else {}
        yield (row["id"],), {"of": row["person"], **session(row), **ended}


def _links(tx: Transaction) -> Iterator[tuple[Name, Facts]]:
    for row in tx.stream(select(sign_in_links)):
        yield (seal(row["hash"]),), {"of": row["person"], "expires": clock.rfc3339(row["expires_at"])}


def _names(tx: Transaction) -> Iterator[tuple[Name, Facts]]:
    for one, name in names(tx).items():
        yield (one,), {"called": name}


def _requests(tx: Transaction) -> Iterator[tuple[Name, Facts]]:
    for row in tx.stream(select(requests.c.id, requests.c.requester)):
        yield (row["id"],), {"requester": row["requester"]}


def _approvals(tx: Transaction) -> Iterator[tuple[Name, Facts]]:
    read = ("id", "request", "preview", "person", "voided_at", "key_id")
    for row in tx.stream(select(*(approval_rows.c[name] for name in read))):
        voided = {"voided": True} if row["voided_at"] is not None else {}
        who = {"person": row["person"]} if row["person"] is not None else {}
        yield (
            (row["id"],),
            {**{name: row[name] for name in ("request", "preview")}, "key": row["key_id"], **who, **voided},
        )


_READERS = {
    "token": _tokens,
    "role": _roles,
    "group": _groups,
    "shut out": _shut_out,
    "delegation": _delegations,
    "identity": _identities,
    "session": _sessions,
    "link": _links,
    "approval": _approvals,
    "name": _names,
    "request": _requests,
}
