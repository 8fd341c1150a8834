"""Approving in another's name: who lets whom, where and until when, and whether that holds for a request."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gaia.access import callers, rules
from gaia.access.callers import Caller
from gaia.errors import Invalid, NotFound, Refused
from gaia.kit import clock
from gaia.platform.acting import Acting, Place, check_place
from gaia.platform.callers.meaning import person_meant
from gaia.platform.model import DelegationView
from gaia.records import delegations, identities, people

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from gaia.platform.acting import AuditLog
    from gaia.records.database import Database, Transaction
    from gaia.records.delegation_model import Delegation
    from gaia.records.model import Person, Request

LONGEST = timedelta(days=366)
"""Of one delegation: who is away for longer gives the role back."""


def _is_known_there(tx: Transaction, person: Person, place: Place) -> bool:
    """Whether somebody is of the place: who is only of others is nobody there, as if they did not exist.

    What a provider's groups give stands in no row: whom one vouches for is known everywhere.
    """
    as_they = Caller(person.id, person.name, person.grants)
    return rules.allows(as_they, "see", place.tenant, place.stage) or identities.issuer_of(tx, person.id) is not None


class Delegations:
    """Those that one caller gave or was given; an admin's are all."""

    def __init__(self, database: Database, log: AuditLog, caller: Caller) -> None:
        self._database = database
        self._log = log
        self._caller = caller

    def give(self, to: str, *, tenant: str, stage: str, until: datetime) -> DelegationView:
        """Let somebody approve in the caller's name, where the caller may, until then.

        Raises:
            NotFound: `place-unknown`: the caller may not see anything there; `person-unknown`.
            Refused: `not-permitted`: the caller may not approve there; `delegation-by-group`: by a group alone.
            Invalid: `delegation-until`, `delegation-self`, `delegation-disabled`, `name-invalid`.
            Conflict: `person-exists`, see `person_meant`.
        """
        for text, what in ((tenant, "the tenant"), (stage, "the stage")):
            check_place(text, what)
        acting, place = Acting(self._database, self._log, self._caller), Place(tenant, stage)
        missing = NotFound("place-unknown", "there is no such tenant and stage", next_step="Name one that you see.")
        with acting.doing("approve", "delegation.create", to, missing=missing, where=place) as (tx, caller):
            now = clock.now()
            if not now < until <= now + LONGEST:
                raise Invalid(
                    "delegation-until",
                    f"{clock.rfc3339(until)} is not within the next {LONGEST.days} days",
                    next_step="Give an end that is to come, and not further away.",
                )
            mine = replace(caller, grants=people.get_person(tx, caller.id).grants)
            if not rules.allows(mine, "approve", tenant, stage):
                raise Refused(
                    "delegation-by-group",
                    "a delegation outlives a sign-in: whoever gives it needs the role approver there themselves",
                    next_step="Let an admin give you the role, or let somebody approve who has it.",
                )
            other = person_meant(tx, to)
            if not _is_known_there(tx, other, place):
                raise people.unknown(to)
            if other.id == caller.id:
                raise Invalid("delegation-self", "nobody stands in for themselves", next_step="Name somebody else.")
            if other.disabled:
                raise Invalid(
                    "delegation-disabled",
                    f"{other.name} is disabled, and approves of nothing",
                    next_step="Name somebody who may call.",
                )
            made = delegations.add(tx, caller.id, other.id, tenant=tenant, stage=stage, at=now, until=until)
            facts = {"to": other.id, "tenant": tenant, "stage": stage, "until": clock.rfc3339(until)}
            self._log.note(tx, caller.id, "delegation.created", made.id, facts, where=place)
            return _view(made, people.names(tx))

    def known(self) -> Sequence[DelegationView]:
        """Those that the caller gave or was given, newest first; everybody's for an admin."""
        with self._database.read() as tx:
            names = people.names(tx)
            mine = None if rules.is_admin(self._caller) else self._caller.id
            return tuple(_view(one, names) for one in delegations.find(tx, mine))

    def revoke(self, delegation: str) -> DelegationView:
        """End one now: who gave it, who has it, or an admin.

        Raises:
            NotFound: `delegation-unknown`, also for somebody else's.
        """
        now = clock.now()
        with self._database.begin() as tx:
            caller = callers.current(tx, self._caller, now)
            known = next((one for one in delegations.find(tx) if one.id == delegation), None)
            if known is not None and (rules.is_admin(caller) or caller.id in (known.owner, known.to)):
                delegations.revoke(tx, delegation, at=now)
                self._log.note(tx, caller.id, "delegation.revoked", delegation, {}, where=known)
                return _view(delegations.get(tx, delegation), people.names(tx))
            facts = {"code": "delegation-unknown"}
            self._log.note(tx, caller.id, "delegation.revoke", delegation, facts, outcome="refused")
        raise delegations.unknown(delegation)


def in_name_of(tx: Transaction, caller: Caller, owner: str, request: Request, now: datetime) -> Caller:
    """The person of this name, as somebody in whose name the caller may approve of the request.

    Raises:
        Refused: `not-permitted`: the caller's token has not the scope; `delegation-missing`, one answer whether there
            is no such person, they have not let the caller, or they may not approve there themselves;
            `approver-is-requester` where it is they who asked.
    """
    refused = Refused(
        "delegation-missing",
        f"nobody of the name {owner!r} lets {caller.name} approve in {request.tenant}/{request.stage} now",
        next_step="Let them delegate it, or approve in your own name.",
    )
    if "approve" not in caller.scopes:
        raise Refused(
            "not-permitted",
            f"this token of {caller.name} may not approve, in anybody's name",
            next_step="Use a token with the scope `approve`.",
        )
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


def _view(one: Delegation, names: Mapping[str, str]) -> DelegationView:
    return DelegationView(
        id=one.id,
        owner=names.get(one.owner, one.owner),
        to=names.get(one.to, one.to),
        tenant=one.tenant,
        stage=one.stage,
        made_at=clock.rfc3339(one.made_at),
        until=clock.rfc3339(one.until),
        revoked_at=clock.rfc3339(one.revoked_at) if one.revoked_at else None,
        holds=one.revoked_at is None and one.until > clock.now(),
    )
