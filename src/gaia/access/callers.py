"""Who calls. A door asks once, by what it was given; the platform takes the answer and no secret."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gaia.access.identity import LEEWAY
from gaia.errors import Next, Unauthenticated
from gaia.records import people, sessions
from gaia.records.model import PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from gaia.access.identity import Identity
    from gaia.records.database import Transaction
    from gaia.records.model import Grant, Permission, Person, Token
    from gaia.records.session_model import Session

_USE_IS_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """A person, as what they called with lets them act: a token, a browser's session or a provider's word."""

    id: str
    """The person's."""
    name: str
    grants: tuple[Grant, ...] = ()
    scopes: frozenset[Permission] = PERMISSIONS
    """What the token was made for: it narrows what the grants allow."""
    token: str = ""
    """The token's id; empty where they called with something else."""
    groups: frozenset[str] = frozenset()
    """Those that the person is in, by their names: rules of approval may ask for one."""
    proved_at: datetime | None = None
    """When they last proved with a second factor who they are; None: not that anybody knows of."""
    session: str = ""
    """The id of the browser's session; empty where they called with something else."""
    named_groups: frozenset[str] = frozenset()
    """Those that a provider says they are in: the part of `groups` that is in no row."""
    by_groups: tuple[Grant, ...] = ()
    """What they have by their groups: the part of `grants` that is in no row."""
    until: datetime | None = None
    """When what they called with holds no longer: a token, a session or a provider's word."""


def authenticate(tx: Transaction, secret: str | None, now: datetime) -> Caller:
    """Who calls with this secret. Reads, and writes nothing.

    Raises:
        Unauthenticated: `token-missing`, `token-unknown`, `token-expired`, `token-revoked`, `person-disabled`.
    """
    if secret is None:
        raise Unauthenticated(
            "token-missing",
            "GAIA_TOKEN is not set",
            next_step=Next("token create", words="Sign in, or set it to a token that an admin made for you"),
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
    found = still(tx, caller, now)
    if caller.token:
        used = people.get_token(tx, caller.token).last_used_at
        if used is None or now - used >= _USE_IS_NOTED_EVERY:
            people.note_use(tx, caller.token, at=now)
    return found


def still(tx: Transaction, caller: Caller, now: datetime) -> Caller:
    """The same caller as of now, for who goes on reading; nothing is written down.

    Raises:
        Unauthenticated: as `authenticate`.
    """
    if not caller.token:
        return _again(tx, caller, now)
    found = _caller(tx, people.get_token(tx, caller.token), now)
    return replace(found, proved_at=caller.proved_at)  # which the door knows, and nobody can take back


def in_session(
    tx: Transaction, secret: str | None, now: datetime, by: Callable[[Sequence[str]], tuple[Grant, ...]]
) -> Caller:
    """Whose browser's session has this secret; `by` says what the members of groups have.

    Raises:
        Unauthenticated: `session-missing`, `session-ended`, `person-disabled`.
    """
    session = sessions.of_secret(tx, secret) if secret else None
    if session is None:
        raise _signed_out("session-missing", "nobody has signed in with this browser")
    _check_session(session, now)
    person = _enabled(people.get_person(tx, session.person))
    given = by(session.groups)
    return Caller(
        id=person.id,
        name=person.name,
        grants=_together(person, given),
        groups=frozenset((*session.groups, *person.groups)),
        named_groups=frozenset(session.groups),
        proved_at=session.proved_at,
        session=session.id,
        by_groups=given,
        until=session.expires_at,
    )


def vouched(person: Person, identity: Identity, given: tuple[Grant, ...]) -> Caller:
    """The person that a provider vouches for, with what their groups have.

    Raises:
        Unauthenticated: `person-disabled`.
    """
    _enabled(person)
    return Caller(
        id=person.id,
        name=person.name,
        grants=_together(person, given),
        groups=identity.groups | {*person.groups},
        named_groups=identity.groups,
        proved_at=identity.proved_at,
        by_groups=given,
        until=identity.until,
    )


def _again(tx: Transaction, caller: Caller, now: datetime) -> Caller:
    """Whether a session or a provider's word still holds, and what the person has by rows now."""
    if caller.session:
        _check_session(sessions.get(tx, caller.session), now)
    elif caller.until is None or caller.until + LEEWAY <= now:
        raise _signed_out("token-expired", "the access token has expired")
    person = _enabled(people.get_person(tx, caller.id))
    grants, groups = _together(person, caller.by_groups), caller.named_groups | {*person.groups}
    return replace(caller, name=person.name, grants=grants, groups=groups)


def _check_session(session: Session, now: datetime) -> None:
    if session.ended_at is not None or session.expires_at <= now:
        raise _signed_out("session-ended", "the session of this browser has ended")


def _enabled(person: Person) -> Person:
    if person.disabled:
        step = Next("person enable", person.id, "No other token of theirs holds either; an admin lets them in again")
        raise Unauthenticated("person-disabled", f"{person.name} is shut out", next_step=step)
    return person


def _together(person: Person, given: tuple[Grant, ...]) -> tuple[Grant, ...]:
    return tuple(sorted({*person.grants, *given}))


def _signed_out(code: str, message: str) -> Unauthenticated:
    return Unauthenticated(code, message, next_step=Next("login", words="Sign in again"))


def _caller(tx: Transaction, token: Token, now: datetime) -> Caller:
    if token.revoked_at is not None:
        raise _refused("token-revoked", f"token {token.id} was revoked")
    if token.expires_at <= now:
        raise _refused("token-expired", f"token {token.id} has expired")
    person = _enabled(people.get_person(tx, token.person))
    scopes, groups = frozenset(token.scopes), frozenset(person.groups)
    return Caller(person.id, person.name, person.grants, scopes, token.id, groups, until=token.expires_at)


def _refused(code: str, message: str) -> Unauthenticated:
    step = Next("token create", words="Set GAIA_TOKEN to one that holds, or let an admin make one")
    return Unauthenticated(code, message, next_step=step)
