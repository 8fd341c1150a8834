"""Whether those who signed may still approve: a signature counts as long as its signer could give it again.

Of somebody who signs in at a provider nobody knows the groups until they call again: what the provider said of them
when they signed stands until they are shut out here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.access import rules
from gaia.access.callers import Caller
from gaia.records import identities, people

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gaia.platform.acting import Scoped
    from gaia.records.database import Transaction
    from gaia.records.model import Approval, Person


def still(tx: Transaction, signed: Iterable[tuple[Approval, Scoped]]) -> dict[str, Approval]:
    """Of approvals and where each is about, by their ids those that still count, with the groups that still do.

    A number of statements that does not depend on how many they are.
    """
    listed = list(signed)
    named = {who for one, _ in listed for who in (one.person, one.on_behalf) if who is not None}
    if not named:
        return {one.id: one for one, _ in listed}
    known, vouched = people.named(tx, named), identities.of_people(tx, named)
    each = ((one, _now(one, where, known, vouched)) for one, where in listed)
    return {one.id: now for one, now in each if now is not None}


def _now(one: Approval, where: Scoped, known: Mapping[str, Person], vouched: frozenset[str]) -> Approval | None:
    """As it counts now; None: it does not."""
    if one.person is None:  # a policy's, or that of the end of its time
        return one
    signer, name = known.get(one.person), known.get(one.on_behalf or one.person)
    if signer is None or name is None or signer.disabled or name.disabled:
        return None
    is_vouched = name.id in vouched
    as_they = Caller(name.id, name.name, name.grants)
    by_word = is_vouched and one.on_behalf is None
    if not by_word and not rules.allows(as_they, "approve", where.tenant, where.stage):
        return None
    return one if is_vouched else replace(one, groups=tuple(each for each in one.groups if each in name.groups))
