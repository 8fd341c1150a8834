"""People, what they may do, and the tokens that they call with."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from sqlalchemy import delete, insert, select, update

from gaia.errors import Conflict, GaiaError, Invalid, NotFound, Refused, Unauthenticated
from gaia.kit.ids import check_name, new_id
from gaia.records.model import ACTIONS, ANY, ROLES, Action, Grant, Person, Role, Token
from gaia.records.tables import grants, people, tokens

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, RowMapping

    from gaia.records.database import Transaction

SECRET_PREFIX = "gaia_tok_"  # noqa: S105 - how scanners of leaked secrets know one
_SECRET_BYTES = 32
_USE_IS_NOTED_EVERY = timedelta(minutes=1)
_TOKEN_COLUMNS = [column for column in tokens.c if column.name != "hash"]


def add_person(tx: Transaction, name: str, *, at: datetime) -> Person:
    """Make a person, who may do nothing until `grant`.

    Raises:
        Invalid: `name-invalid`.
        Conflict: `person-exists`.
    """
    check_name(name, "person")
    person = Person(new_id("per"), name, at, disabled=False)
    taken = Conflict("person-exists", f"there is a person named {name} already", next_step="Choose another name.")
    tx.put(insert(people).values(id=person.id, name=name, created_at=at, disabled=False), taken)
    return person


def get_person(tx: Transaction, person: str) -> Person:
    """The person with this id or name, or `NotFound("person-unknown")`."""
    row = tx.first(select(people).where((people.c.id == person) | (people.c.name == person)))
    if row is None:
        raise NotFound("person-unknown", f"there is no person {person!r}", next_step="Run `gaia token` as an admin.")
    return _person(tx, row)


def list_people(tx: Transaction) -> tuple[Person, ...]:
    """Everybody, by name."""
    return tuple(_person(tx, row) for row in tx.all(select(people).order_by(people.c.name)))


def names(tx: Transaction) -> Mapping[str, str]:
    """Person id → name."""
    return {row["id"]: row["name"] for row in tx.all(select(people.c.id, people.c.name))}


def set_disabled(tx: Transaction, person: str, disabled: bool) -> None:
    """Shut a person out, or let them in again; tokens stay as they are."""
    tx.change(update(people).where(people.c.id == get_person(tx, person).id).values(disabled=disabled))


def grant(tx: Transaction, person: str, grant: Grant) -> None:
    """Give a role; giving it twice is no error. `Invalid("role-unknown")` for a role that does not exist."""
    if grant.role not in ROLES:
        raise Invalid("role-unknown", f"there is no role {grant.role!r}", next_step=f"Use one of {', '.join(ROLES)}.")
    known = get_person(tx, person)
    if grant not in known.grants:
        tx.change(insert(grants).values(person=known.id, role=grant.role, tenant=grant.tenant, stage=grant.stage))


def withdraw(tx: Transaction, person: str, grant: Grant) -> None:
    """Take a role away; one that was not given is no error."""
    tx.change(delete(grants).where(grants.c.person == get_person(tx, person).id, *_same(grant)))


def create_token(
    tx: Transaction,
    person: str,
    *,
    at: datetime,
    expires: datetime,
    scopes: Collection[Action] = ACTIONS,
) -> tuple[Token, str]:
    """Make a token and return its secret, which is shown now or never: only its hash is kept.

    Raises:
        Invalid: `scope-unknown`, `token-expiry` when `expires` is not after `at`.
    """
    unknown = sorted(set(scopes) - ACTIONS)
    if unknown or not scopes:
        raise Invalid(
            "scope-unknown", f"no such scope: {unknown}", next_step=f"Use some of {', '.join(sorted(ACTIONS))}."
        )
    if expires <= at:
        raise Invalid("token-expiry", "the token would have expired already", next_step="Give it a later end.")
    ordered = tuple(sorted(scopes))
    token = Token(new_id("tok"), get_person(tx, person).id, ordered, at, expires, None, None)
    secret = SECRET_PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    tx.change(
        insert(tokens).values(
            id=token.id, person=token.person, hash=_hash(secret), scopes=ordered, created_at=at, expires_at=expires
        )
    )
    return token, secret


def list_tokens(tx: Transaction, person: str | None = None) -> tuple[Token, ...]:
    """Tokens of a person, or all of them, newest first."""
    statement = select(*_TOKEN_COLUMNS).order_by(tokens.c.id.desc())
    if person is not None:
        statement = statement.where(tokens.c.person == get_person(tx, person).id)
    return tuple(Token(**row) for row in tx.all(statement))


def revoke_token(tx: Transaction, token: str, *, at: datetime) -> None:
    """End a token now; one that has ended already keeps its time. `NotFound("token-id-unknown")` when there is none."""
    if tx.first(select(tokens.c.id).where(tokens.c.id == token)) is None:
        raise NotFound("token-id-unknown", f"there is no token {token!r}", next_step="Run `gaia token list`.")
    tx.change(update(tokens).where(tokens.c.id == token, tokens.c.revoked_at.is_(None)).values(revoked_at=at))


def authenticate(tx: Transaction, secret: str, now: datetime) -> Person:
    """Who calls with this secret, with grants, narrowed to the token's scopes.

    Looking a hash up by index tells nothing by its timing: whoever can steer the hash already has the secret. In a
    transaction that may write, the use is noted, at most once a minute.

    Raises:
        Unauthenticated: `token-unknown`, `token-expired`, `token-revoked`, `person-disabled`.
    """
    digest = _hash(secret)
    row = tx.first(select(tokens).where(tokens.c.hash == digest))
    if row is None or not hmac.compare_digest(row["hash"], digest):
        raise _unauthenticated("token-unknown", "this token is not known")
    if row["revoked_at"] is not None:
        raise _unauthenticated("token-revoked", f"token {row['id']} was revoked")
    if row["expires_at"] <= now:
        raise _unauthenticated("token-expired", f"token {row['id']} has expired")
    person = _person(tx, tx.connection.execute(select(people).where(people.c.id == row["person"])).mappings().one())
    if person.disabled:
        raise _unauthenticated("person-disabled", f"{person.name} is disabled")
    used = row["last_used_at"]
    if tx.writable and (used is None or now - used >= _USE_IS_NOTED_EVERY):
        tx.change(update(tokens).where(tokens.c.id == row["id"]).values(last_used_at=now))
    return Person(person.id, person.name, person.created_at, False, person.grants, frozenset(row["scopes"]))


def allows(person: Person, action: Action, tenant: str, stage: str) -> bool:
    """Whether a grant of this person, within the token's scopes, allows the action there. Nothing else does."""
    return any(there in (ANY, tenant) and at in (ANY, stage) for there, at in places(person, action))


def places(person: Person, action: Action) -> frozenset[tuple[str, str]]:
    """Where the person may do it, as (tenant, stage), each of which may be `*`: `allows` for many at once."""
    if person.disabled or action not in person.scopes:
        return frozenset()
    fits = (given for given in person.grants if action in ROLES.get(given.role, frozenset()))
    return frozenset((given.tenant, given.stage) for given in fits)


def permit(person: Person, action: Action, tenant: str, stage: str, *, missing: GaiaError) -> None:
    """Pass when allowed. Whoever may not even see the object gets `missing`, as if it did not exist.

    Raises:
        Refused: `not-permitted`.
    """
    if allows(person, action, tenant, stage):
        return
    if not allows(person, "see", tenant, stage):
        raise missing
    raise Refused(
        "not-permitted",
        f"{person.name} may not {action} in {tenant}/{stage}",
        next_step="Ask an admin for a role that may, or use a token with that scope.",
    )


def _person(tx: Transaction, row: RowMapping) -> Person:
    found = tx.all(select(grants.c.role, grants.c.tenant, grants.c.stage).where(grants.c.person == row["id"]))
    return Person(**row, grants=tuple(sorted(Grant(cast("Role", g["role"]), g["tenant"], g["stage"]) for g in found)))


def _same(grant: Grant) -> tuple[ColumnElement[bool], ...]:
    return (grants.c.role == grant.role, grants.c.tenant == grant.tenant, grants.c.stage == grant.stage)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _unauthenticated(code: str, message: str) -> Unauthenticated:
    return Unauthenticated(code, message, next_step="Set GAIA_TOKEN to a token that `gaia token create` gave you.")
