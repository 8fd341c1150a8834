"""An admin's token that nobody who calls makes: the first one of a home, and one in place of those that are lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gaia.records.database import Transaction
    from gaia.records.model import Person, Token

ADMIN = "admin"
"""The first person of a home."""
TOKEN_LIFE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Given:
    """A token of an admin, and what its entry in the audit log has to tell of it."""

    person: Person
    token: Token
    secret: str
    facts: Mapping[str, object]
    ended: tuple[str, ...]
    """The browsers' sessions that ended with the tokens that it replaces."""


def begin(tx: Transaction, *, at: datetime) -> Given:
    """The token of the first admin, of whom everything is told from here on: where nobody is there."""
    from gaia.records import announced, people
    from gaia.records.model import Grant

    person = people.add_person(tx, ADMIN, at=at)
    people.grant(tx, person.id, Grant("admin"))
    return _given(tx, person, {"person": ADMIN, "roles": ["admin"], announced.FACT: {}}, (), at)


def replace(tx: Transaction, person: str, *, at: datetime) -> Given:
    """A token of somebody who is there, by name or id, in place of all that they had."""
    from gaia.records import people

    known, before = people.get_person(tx, person), people.list_tokens(tx, person)
    ended = tuple(session for token in before for session in people.revoke_token(tx, token.id, at=at))
    return _given(tx, known, {"replaces": [token.id for token in before]}, ended, at)


def _given(tx: Transaction, person: Person, facts: Mapping[str, object], ended: tuple[str, ...], at: datetime) -> Given:
    from gaia.records import announced, people

    token, secret = people.create_token(tx, person.id, at=at, expires=at + TOKEN_LIFE)
    told = {**facts, "token": token.id, **announced.told(tx, token.id)}
    return Given(people.get_person(tx, person.id), token, secret, told, ended)
