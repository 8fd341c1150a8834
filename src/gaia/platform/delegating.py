"""Approving in another's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.access import rules
from gaia.access.callers import Caller
from gaia.errors import NotFound, Refused
from gaia.records import delegations, people

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.records.database import Transaction
    from gaia.records.model import Request


def in_name_of(tx: Transaction, caller: Caller, owner: str, request: Request, now: datetime) -> Caller:
    """The person of this name, as somebody in whose name the caller may approve of the request.

    Raises:
        Refused: `delegation-missing`, one answer whether there is no such person, they have not let the caller, or they
            may not approve there themselves; `approver-is-requester` where it is they who asked.
    """
    refused = Refused(
        "delegation-missing",
        f"nobody of the name {owner!r} lets {caller.name} approve in {request.tenant}/{request.stage} now",
        next_step="Let them delegate it, or approve in your own name.",
    )
    if "approve" not in caller.scopes:
        raise refused
    try:
        person = people.get_person(tx, owner)
    except NotFound:
        raise refused from None
    lets = delegations.holds(tx, person.id, caller.id, request.tenant, request.stage, at=now)
    as_they = Caller(person.id, person.name, person.grants, groups=frozenset(person.groups))
    if person.disabled or not lets or not rules.allows(as_they, "approve", request.tenant, request.stage):
        raise refused
    rules.permit_approval(as_they, request.requester)
    return as_they
