"""Whom a provider of identities vouches for: the person of an issuer's subject."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from gaia.errors import Conflict
from gaia.records import people
from gaia.records.tables import identities
from gaia.records.tables import people as people_table

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.records.database import Transaction
    from gaia.records.model import Person

_LONGEST_NAME = 40
_SOMEBODY = "person"


def person_of(tx: Transaction, issuer: str, subject: str) -> Person | None:
    """The person of a subject, if there is one."""
    known = select(identities.c.person).where(identities.c.issuer == issuer, identities.c.subject == subject)
    row = tx.first(known)
    return None if row is None else people.get_person(tx, row["person"])


def has_any(tx: Transaction, person: str) -> bool:
    """Whether some provider vouches for a person."""
    return tx.first(select(identities.c.person).where(identities.c.person == person).limit(1)) is not None


def add(tx: Transaction, issuer: str, subject: str, said: str, *, at: datetime) -> Person:
    """Make the person of a subject, named after what the provider says.

    Never one that is there already, whatever the provider calls the subject: names can be chosen, subjects cannot.

    Raises:
        Conflict: `identity-exists`, `person-exists`: somebody was faster.
    """
    person = people.add_person(tx, _free_name(tx, issuer, subject, said), at=at)
    taken = Conflict("identity-exists", "this subject has a person already", next_step="Try again.")
    row = insert(identities).values(issuer=issuer, subject=subject, person=person.id, created_at=at)
    tx.put(row, taken)
    return person


def _free_name(tx: Transaction, issuer: str, subject: str, said: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", said.partition("@")[0].lower())[:_LONGEST_NAME].strip("-") or _SOMEBODY
    taken = tx.first(select(people_table.c.id).where(people_table.c.name == plain))
    if taken is None and plain != _SOMEBODY:
        return plain
    return f"{plain}-{hashlib.sha256(f'{issuer} {subject}'.encode()).hexdigest()[:10]}"
