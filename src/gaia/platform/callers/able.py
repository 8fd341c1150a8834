"""Whether somebody who once did something could do it again, asked where they do not call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gaia.access import rules
from gaia.access.callers import Caller
from gaia.records import identities, people

if TYPE_CHECKING:
    from gaia.platform.acting import Scoped
    from gaia.records.database import Transaction
    from gaia.records.model import Permission


def still(
    tx: Transaction, person: str, action: Permission, where: Scoped
) -> tuple[str, Literal["able", "shut-out", "not-permitted"]]:
    """The name of a person (by id), and whether they could do `action` there.

    Of somebody who signs in at a provider nobody knows the groups until they call again: what the provider said of them
    stands until they are shut out here.
    """
    found = people.named(tx, [person]).get(person)
    if found is None or found.disabled:
        return (person if found is None else found.name), "shut-out"
    as_they = Caller(found.id, found.name, found.grants)
    by_word = bool(identities.of_people(tx, [found.id]))
    return found.name, "able" if by_word or rules.allows(
        as_they, action, where.tenant, where.stage
    ) else "not-permitted"
