"""Whom somebody means who gives a right to a name: names at a provider are chosen by those who bear them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Conflict
from gaia.records import identities, people

if TYPE_CHECKING:
    from gaia.records.database import Transaction
    from gaia.records.model import Person


def person_meant(tx: Transaction, named: str) -> Person:
    """The person of this id, or of this name where an admin gave it to them.

    Raises:
        NotFound: `person-unknown`.
        Conflict: `person-exists`, of the name of somebody who signs in at a provider: they may have chosen it because
            it was meant for another. Their id is said, and means them.
    """
    person = people.get_person(tx, named)
    issuer = None if named == person.id else identities.issuer_of(tx, person.id)
    if issuer is not None:
        raise Conflict(
            "person-exists",
            f"{person.name} is the name of somebody who signs in at {issuer}, where people choose their names",
            next_step=f"If it is they who are meant, write {person.id} for the name; else take another name.",
            facts={"person": person.id},
        )
    return person
