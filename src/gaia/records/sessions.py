"""Browsers that people signed in with, and links that sign in once. Of every secret only a hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from gaia.errors import NotFound
from gaia.kit.ids import new_id
from gaia.records.session_model import Session
from gaia.records.tables import sessions, sign_in_links

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from gaia.records.database import Transaction

LINK_LIFE = timedelta(minutes=10)
_SECRET_BYTES = 32
_COLUMNS = [column for column in sessions.c if column.name != "hash"]


def begin(
    tx: Transaction,
    person: str,
    *,
    at: datetime,
    expires: datetime,
    groups: Collection[str] = (),
    proved_at: datetime | None = None,
    token: str | None = None,
) -> tuple[Session, str]:
    """Make a session of a person (by id) and return its secret; only its hash is kept.

    `token`: the id of the token that they signed in with, if it was one; the session ends with it.
    """
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    made = Session(new_id("ses"), person, tuple(sorted(groups)), proved_at, at, expires, None, token)
    tx.change(
        insert(sessions).values(
            id=made.id,
            person=person,
            hash=kept_of(secret),
            groups=made.groups,
            proved_at=proved_at,
            created_at=at,
            expires_at=expires,
            token=token,
        )
    )
    return made, secret


def of_secret(tx: Transaction, secret: str) -> Session | None:
    """The session with this secret, also one that has ended."""
    row = tx.first(select(*_COLUMNS).where(sessions.c.hash == kept_of(secret)))
    return None if row is None else Session(**row)


def get(tx: Transaction, session: str) -> Session:
    """The session with this id, or `NotFound("session-unknown")`."""
    row = tx.first(select(*_COLUMNS).where(sessions.c.id == session))
    if row is None:
        raise NotFound("session-unknown", f"there is no session {session!r}", next_step="Sign in again.")
    return Session(**row)


def end(tx: Transaction, session: str, *, at: datetime) -> bool:
    """End a session now; False where it has ended already."""
    return (
        tx.change(update(sessions).where(sessions.c.id == session, sessions.c.ended_at.is_(None)).values(ended_at=at))
        > 0
    )


def forget(tx: Transaction, *, before: datetime) -> int:
    """Take away the sessions and links whose time was over then; how many sessions."""
    tx.change(delete(sign_in_links).where(sign_in_links.c.expires_at < before))
    return tx.change(delete(sessions).where(sessions.c.expires_at < before))


def make_link(tx: Transaction, person: str, *, at: datetime, life: timedelta) -> str:
    """The secret of a link that signs a person (by id) in, once."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    tx.change(insert(sign_in_links).values(hash=kept_of(secret), person=person, expires_at=at + life))
    return secret


def take_link(tx: Transaction, secret: str, *, at: datetime) -> str | None:
    """The person of a link, which holds no longer afterwards; None for one that does not hold. One caller gets it."""
    mine = sign_in_links.c.hash == kept_of(secret)
    row = tx.first(select(sign_in_links).where(mine))
    if row is None or tx.change(delete(sign_in_links).where(mine)) == 0:
        return None
    return str(row["person"]) if row["expires_at"] > at else None


def kept_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
