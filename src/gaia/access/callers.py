"""Who calls. A door asks once, by what it was given; the platform takes the answer and no secret."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gaia.errors import Next, Unauthenticated
from gaia.records import people
from gaia.records.model import PERMISSIONS

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.records.database import Transaction
    from gaia.records.model import Grant, Permission, Token

_USE_IS_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """A person, as one token lets them act."""

    id: str
    """The person's."""
    name: str
    grants: tuple[Grant, ...] = ()
    scopes: frozenset[Permission] = PERMISSIONS
    """What the token was made for: it narrows what the grants allow."""
    token: str = ""
    """The token's id."""
    groups: frozenset[str] = frozenset()
    """Those that the person is in, by their names: rules of approval may ask for one."""
    proved_at: datetime | None = None
    """When they last proved with a second factor who they are; None: not that anybody knows of."""


def authenticate(tx: Transaction, secret: str | None, now: datetime) -> Caller:
    """Who calls with this secret. Reads, and writes nothing.

    Raises:
        Unauthenticated: `token-missing`, `token-unknown`, `token-expired`, `token-revoked`, `person-disabled`.
    """
    if secret is None:
        raise Unauthenticated(
            "token-missing",
            "GAIA_TOKEN is not set",
            next_step=Next("token create", words="Set it to the token that you were given, or let an admin make one"),
        )
    token = people.token_of(tx, secret)
    if token is None:
        raise _refused("token-unknown", "this token is not known")
    return _caller(tx, token, now)


def current(tx: Transaction, caller: Caller, now: datetime) -> Caller:
    """The same caller as of now, for who acts in this transaction; that the token was used is noted in it.

    Between a door's question and its answer may lie an hour in which a token was revoked or a role withdrawn.

    Raises:
        Unauthenticated: as `authenticate`.
    """
    token = people.get_token(tx, caller.token)
    found = _caller(tx, token, now)
    if token.last_used_at is None or now - token.last_used_at >= _USE_IS_NOTED_EVERY:
        people.note_use(tx, token.id, at=now)
    return replace(found, proved_at=caller.proved_at)  # which the door knows, and nobody can take back


def _caller(tx: Transaction, token: Token, now: datetime) -> Caller:
    if token.revoked_at is not None:
        raise _refused("token-revoked", f"token {token.id} was revoked")
    if token.expires_at <= now:
        raise _refused("token-expired", f"token {token.id} has expired")
    person = people.get_person(tx, token.person)
    if person.disabled:
        raise _refused("person-disabled", f"{person.name} is disabled")
    scopes, groups = frozenset(token.scopes), frozenset(person.groups)
    return Caller(person.id, person.name, person.grants, scopes, token.id, groups)


def _refused(code: str, message: str) -> Unauthenticated:
    step = Next("token create", words="Set GAIA_TOKEN to one that holds, or let an admin make one")
    return Unauthenticated(code, message, next_step=step)
