"""Whether those who signed may still approve: a signature counts as long as its signer could give it again.

So does a policy's, in the name of whoever asked: as long as they could ask again.

Of somebody who signs in at a provider nobody knows the groups until they call again: what the provider said of them
when they signed stands until they are shut out here. Who signed in another's name needs that one's leave still.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.access import rules
from gaia.access.callers import Caller
from gaia.kit import clock
from gaia.platform.callers import able
from gaia.records import delegations, identities, people

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gaia.platform.acting import Scoped
    from gaia.records.database import Transaction
    from gaia.records.delegation_model import Delegation
    from gaia.records.model import Approval, Person, Request


def still(tx: Transaction, signed: Iterable[tuple[Approval, Scoped]]) -> dict[str, Approval]:
    """Of approvals and where each is about, by their ids those that still count, with the groups that still do.

    A number of statements that does not depend on how many they are.
    """
    listed = list(signed)
    named = {who for one, _ in listed for who in (one.person, one.on_behalf) if who is not None}
    if not named:
        return {one.id: one for one, _ in listed}
    lent = any(one.on_behalf is not None for one, _ in listed)
    leave = delegations.find(tx, live_at=clock.now()) if lent else ()
    known, vouched = people.named(tx, named), identities.of_people(tx, named)
    each = ((one, _now(one, where, known, vouched, leave)) for one, where in listed)
    return {one.id: now for one, now in each if now is not None}


def cannot_ask(tx: Transaction, request: Request) -> str:
    """Why whoever asked could not ask again, so that no policy approves in their name; empty: they could."""
    name, how = able.still(tx, request.requester, "request", request)
    if how == "able":
        return ""
    if how == "shut-out":
        return f"{name}, who asked for it, is shut out, so no policy approves of it"
    place = f"{request.tenant}/{request.stage}"
    return f"{name} may no longer ask for anything in {place}, so no policy approves of it"


def _now(
    one: Approval,
    where: Scoped,
    known: Mapping[str, Person],
    vouched: frozenset[str],
    leave: Iterable[Delegation],
) -> Approval | None:
    """As it counts now; None: it does not."""
    if one.person is None:  # a policy's, or that of the end of its time
        return one
    signer, name = known.get(one.person), known.get(one.on_behalf or one.person)
    if signer is None or name is None or signer.disabled or name.disabled:
        return None
    if one.on_behalf is not None and not _may_lend(signer, name.id, where, vouched, leave):
        return None
    as_they = Caller(name.id, name.name, name.grants)
    by_word = name.id in vouched and one.on_behalf is None
    if not by_word and not rules.allows(as_they, "approve", where.tenant, where.stage):
        return None
    return one if by_word else replace(one, groups=tuple(each for each in one.groups if each in name.groups))


def _may_lend(signer: Person, owner: str, where: Scoped, vouched: frozenset[str], leave: Iterable[Delegation]) -> bool:
    """Whether somebody could still sign there in the name of the owner, as `delegating.in_name_of` asks."""
    as_they = Caller(signer.id, signer.name, signer.grants)
    sees = signer.id in vouched or rules.allows(as_they, "see", where.tenant, where.stage)
    return sees and any(delegations.covers(one, owner, signer.id, where.tenant, where.stage) for one in leave)
