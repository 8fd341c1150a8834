"""People, the roles that they were given, and the tokens that they call with."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, cast, get_args

from sqlalchemy import delete, insert, select, update

from gaia.errors import Conflict, Invalid, Next, NotFound
from gaia.kit.ids import check_name, new_id
from gaia.kit.visible import cut, visible
from gaia.records.model import PERMISSIONS, Grant, Permission, Person, Role, Token
from gaia.records.tables import grants, memberships, people, sessions, tokens

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, RowMapping

    from gaia.records.database import Transaction

SECRET_PREFIX = "gaia_tok_"  # noqa: S105 - how scanners of leaked secrets know one
LONGEST_TOKEN = timedelta(days=3650)
ENGINE = "per_engine"
"""No id of a person is like it."""
RESERVED = frozenset({"engine", "expiry", "gaia", "gaia-engine", "operator", "policy"})
"""What approves or acts where no person does: somebody of that name would pass for it."""
_SECRET_BYTES = 32
_TOKEN_COLUMNS = [column for column in tokens.c if column.name != "hash"]


def add_person(tx: Transaction, name: str, *, at: datetime) -> Person:
    """Make a person, who may do nothing until `grant`.

    Raises:
        Invalid: `name-invalid`, `name-reserved`.
        Conflict: `person-exists`.
    """
    check_name(name, "person")
    if name in RESERVED:
        raise Invalid(
            "name-reserved",
            f"{name} is no name for a person: the audit log says it of what nobody did",
            next_step="Choose another name.",
        )
    person = Person(new_id("per"), name, at, disabled=False)
    taken = Conflict("person-exists", f"there is a person named {name} already", next_step="Choose another name.")
    tx.put(insert(people).values(id=person.id, name=name, created_at=at, disabled=False), taken)
    return person


def engine(tx: Transaction, *, at: datetime) -> str:
    """The id in whose name the engine asks for something. It is nobody: shut out, without a role; made when needed."""
    row = tx.first(select(people.c.id).where(people.c.id == ENGINE))
    if row is None:
        known = names(tx).values()
        name = next(each for each in ("engine", "gaia-engine", ENGINE) if each not in known)
        made = Conflict("person-exists", f"there is a person named {name} already", next_step="Try again.")
        tx.put(insert(people).values(id=ENGINE, name=name, created_at=at, disabled=True), made)
    return ENGINE


def get_person(tx: Transaction, person: str) -> Person:
    """The person with this id or name, or `NotFound("person-unknown")`."""
    row = tx.first(select(people).where((people.c.id == person) | (people.c.name == person)))
    if row is None:
        raise unknown(person)
    return _people(tx, [row])[0]


def unknown(person: str) -> NotFound:
    """The error for a person who is not there, or of whom the caller may not know."""
    step = Next("token list", words="As an admin, see who there is")
    return NotFound("person-unknown", f"there is no person {person!r}", next_step=step)


def list_people(tx: Transaction) -> tuple[Person, ...]:
    """Everybody, by name."""
    return _people(tx, tx.all(select(people).order_by(people.c.name)))


def named(tx: Transaction, ids: Collection[str]) -> Mapping[str, Person]:
    """Those of these ids whom there are, by id."""
    return {one.id: one for one in _people(tx, tx.all(select(people).where(people.c.id.in_(sorted(ids)))))}


def names(tx: Transaction) -> Mapping[str, str]:
    """Person id → name."""
    return {row["id"]: row["name"] for row in tx.all(select(people.c.id, people.c.name))}


def set_disabled(tx: Transaction, person: str, disabled: bool) -> None:
    """Shut a person out, or let them in again; tokens stay as they are."""
    tx.change(update(people).where(people.c.id == get_person(tx, person).id).values(disabled=disabled))


def check_role(role: str) -> Role:
    """The role of this name, or `Invalid("role-unknown")`."""
    roles = get_args(Role)
    if role not in roles:
        raise Invalid(
            "role-unknown", f"there is no role {cut(visible(role), 80)!r}", next_step=f"Use one of {', '.join(roles)}."
        )
    return cast("Role", role)


def grant(tx: Transaction, person: str, grant: Grant) -> None:
    """Give a role; giving it twice is no error. `Invalid("role-unknown")` for a role that does not exist."""
    check_role(grant.role)
    known = get_person(tx, person)
    if grant not in known.grants:
        tx.change(insert(grants).values(person=known.id, role=grant.role, tenant=grant.tenant, stage=grant.stage))


def withdraw(tx: Transaction, person: str, grant: Grant) -> None:
    """Take a role away; one that was not given is no error."""
    tx.change(delete(grants).where(grants.c.person == get_person(tx, person).id, *_same(grant)))


def administrators(tx: Transaction) -> frozenset[str]:
    """The ids of those who may administer everything by a role of their own, and are not shut out.

    Their roles are locked until the transaction ends: two who take the role from each other take turns.
    """
    everything = Grant("admin")
    held = select(grants.c.person).where(*_same(everything)).order_by(grants.c.person).with_for_update()
    known = named(tx, [row["person"] for row in tx.all(held)])
    return frozenset(one.id for one in known.values() if not one.disabled and everything in one.grants)


def join(tx: Transaction, person: str, group: str) -> None:
    """Put a person into a group; once is enough. `Invalid("name-invalid")` for what is no name of a group."""
    check_name(group, "group")
    known = get_person(tx, person)
    if group not in known.groups:
        tx.change(insert(memberships).values(person=known.id, name=group))


def leave(tx: Transaction, person: str, group: str) -> None:
    """Take a person out of a group; who is not in it is no error."""
    mine = (memberships.c.person == get_person(tx, person).id, memberships.c.name == group)
    tx.change(delete(memberships).where(*mine))


def create_token(
    tx: Transaction,
    person: str,
    *,
    at: datetime,
    expires: datetime,
    scopes: Collection[Permission] = PERMISSIONS,
) -> tuple[Token, str]:
    """Make a token and return its secret, which is shown now or never: only its hash is kept.

    Raises:
        Invalid: `scope-unknown`, `token-expiry` when `expires` is not after `at`, or too long after it.
    """
    unknown = sorted(set(scopes) - PERMISSIONS)
    if unknown or not scopes:
        raise Invalid(
            "scope-unknown", f"no such scope: {unknown}", next_step=f"Use some of {', '.join(sorted(PERMISSIONS))}."
        )
    if expires <= at:
        raise Invalid("token-expiry", "the token would have expired already", next_step="Give it a later end.")
    if expires - at > LONGEST_TOKEN:
        longest = f"a token holds {LONGEST_TOKEN.days:,} days at most"
        raise Invalid("token-expiry", longest, next_step="Give it an earlier end.")
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


def revoke_token(tx: Transaction, token: str, *, at: datetime) -> tuple[str, ...]:
    """End a token now, and every browser's session that was begun with it; the ids of those.

    One that has ended already keeps its time. `NotFound("token-id-unknown")` when there is none.
    """
    get_token(tx, token)
    tx.change(update(tokens).where(tokens.c.id == token, tokens.c.revoked_at.is_(None)).values(revoked_at=at))
    begun = (sessions.c.token == token, sessions.c.ended_at.is_(None))
    ended = tuple(row["id"] for row in tx.all(select(sessions.c.id).where(*begun).order_by(sessions.c.id)))
    tx.change(update(sessions).where(*begun).values(ended_at=at))
    return ended


def token_of(tx: Transaction, secret: str) -> Token | None:
    """The token with this secret.

    Looking a hash up by index tells nothing by its timing: who can choose the hash already has the secret.
    """
    digest = _hash(secret)
    row = tx.first(select(tokens).where(tokens.c.hash == digest))
    if row is None or not hmac.compare_digest(row["hash"], digest):
        return None
    return Token(**{column.name: row[column.name] for column in _TOKEN_COLUMNS})


def get_token(tx: Transaction, token: str) -> Token:
    """The token with this id, or `NotFound("token-id-unknown")`."""
    row = tx.first(select(*_TOKEN_COLUMNS).where(tokens.c.id == token))
    if row is None:
        raise _no_token(token)
    return Token(**row)


def note_use(tx: Transaction, token: str, *, at: datetime) -> None:
    """Somebody acted with the token."""
    tx.change(update(tokens).where(tokens.c.id == token).values(last_used_at=at))


def _people(tx: Transaction, rows: Sequence[RowMapping]) -> tuple[Person, ...]:
    """With what each may do and is in: two statements, however many they are."""
    named = [row["id"] for row in rows]
    given: dict[str, list[Grant]] = {}
    for each in tx.all(select(grants).where(grants.c.person.in_(named))):
        grant = Grant(cast("Role", each["role"]), each["tenant"], each["stage"])
        given.setdefault(each["person"], []).append(grant)
    groups: dict[str, list[str]] = {}
    for each in tx.all(select(memberships).where(memberships.c.person.in_(named))):
        groups.setdefault(each["person"], []).append(each["name"])
    return tuple(
        Person(
            **row,
            grants=tuple(sorted(given.get(row["id"], ()))),
            groups=tuple(sorted(groups.get(row["id"], ()))),
        )
        for row in rows
    )


def _same(grant: Grant) -> tuple[ColumnElement[bool], ...]:
    return (grants.c.role == grant.role, grants.c.tenant == grant.tenant, grants.c.stage == grant.stage)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _no_token(token: str) -> NotFound:
    step = Next("token list", words="See which there are")
    return NotFound("token-id-unknown", f"there is no token {token!r}", next_step=step)
