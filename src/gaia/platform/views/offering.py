"""What a caller could do now, and where: the acts that doors offer. Whoever does one is judged anew as it is done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from gaia.access import rules
from gaia.access.callers import Caller
from gaia.kit import clock
from gaia.platform.model import FINAL, WORKING
from gaia.records import delegations, people
from gaia.records.model import ANY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gaia.platform.acting import Scoped
    from gaia.platform.model import RequestSummary, RequestView
    from gaia.records.database import Database
    from gaia.records.delegation_model import Delegation
    from gaia.records.model import Permission

Act: TypeAlias = Literal[
    "approve", "confirm", "reject", "withdraw", "comment", "cancel", "resume",
    "change", "retire", "keep", "look", "reconcile",
]  # fmt: skip
"""`withdraw` is to reject what one asked for oneself; `confirm` to approve of a retirement that a policy approves of;
`look` to have an instance looked at for drift."""
_Lenders: TypeAlias = "tuple[tuple[Caller, Delegation], ...]"


@dataclass(frozen=True, slots=True)
class Offered:
    """What one caller could do with one request."""

    acts: frozenset[Act]
    own: bool
    """Whether it was they who asked."""
    has_signed: bool = False
    """Whether a signature of theirs holds for what the request would do now."""
    names: tuple[str, ...] = ()
    """In whose names besides their own they could approve, by delegations."""

    def __contains__(self, act: str) -> bool:
        """Whether it could be done."""
        return act in self.acts

    @property
    def decides(self) -> bool:
        """Whether they could say yes or no."""
        return bool(self.names) or not self.acts.isdisjoint({"approve", "confirm", "reject", "withdraw"})


class Offering:
    """One caller's. Reads, and writes nothing down."""

    def __init__(self, database: Database, caller: Caller) -> None:
        self._database = database
        self._caller = caller

    @property
    def asks(self) -> bool:
        """Whether they could ask for a service somewhere."""
        return bool(rules.places(self._caller, "request"))

    @property
    def administers(self) -> bool:
        """Whether they could administer everything."""
        return rules.is_admin(self._caller)

    def asks_in(self, tenant: str, stage: str) -> bool:
        """Whether they could ask for a service there."""
        return rules.allows(self._caller, "request", tenant, stage)

    def lends(self) -> Sequence[tuple[str, str]]:
        """Where they could let somebody approve in their name, as (tenant, stage), each of which may be `*`."""
        with self._database.read() as tx:  # what they have by a group alone they cannot lend
            mine = replace(self._caller, grants=people.get_person(tx, self._caller.id).grants)
        return sorted(rules.places(mine, "approve"))

    def of_request(self, view: RequestView) -> Offered:
        """What they could do with a request."""
        signed = any(
            self._caller.name == one.by and one.voided is None and one.decision == "approved" for one in view.approvals
        )
        return self._of(view, signed=signed, confirms=view.confirms, lenders=self._lenders())

    def awaited(self, lines: Iterable[RequestSummary]) -> frozenset[str]:
        """Of requests that wait or are parked, the ids of those that could go on by this caller."""
        lenders = self._lenders()
        found = set()
        for line in lines:
            by = line.approvals_needed.by if line.approvals_needed else ()
            signed = any(f"{one} for ".startswith(f"{self._caller.name} for ") for one in by)
            offered = self._of(line, signed=signed, confirms=False, lenders=lenders)
            goes_on = "resume" in offered and (offered.own or self._allows("approve", line))
            if "approve" in offered or offered.names or goes_on:
                found.add(line.id)
        return frozenset(found)

    def of_service(self, line: RequestSummary, *, has_drifted: bool = False) -> frozenset[Act]:
        """What they could ask for, of the service that came from this request."""
        if not self._allows("request", line):
            return frozenset()
        acts: set[Act] = {"retire", "look"}
        if line.template:
            acts.add("change")
        if line.lives_until:
            acts.add("keep")
        if has_drifted:
            acts.add("reconcile")
        return frozenset(acts)

    def _of(self, line: RequestSummary, *, signed: bool, confirms: bool, lenders: _Lenders) -> Offered:
        own = line.requester == self._caller.name
        asks, approves = self._allows("request", line), self._allows("approve", line)
        acts = set[Act]()
        if (asks or approves) and line.status not in FINAL:
            acts.add("comment")
            if line.status in WORKING or line.status == "queued":
                acts.add("cancel")
            if line.status == "parked" or line.key_replaced:
                acts.add("resume")
        if line.status != "waiting":
            return Offered(frozenset(acts), own)
        if own and asks:
            acts.add("withdraw")
            if confirms and not line.key_replaced:
                acts.add("confirm")
        if approves and not own:
            acts.add("reject")
            if not signed and not line.key_replaced:
                acts.add("approve")
        names = () if own or signed or line.key_replaced else self._names(line, lenders)
        return Offered(frozenset(acts), own, signed, names)

    def _names(self, line: RequestSummary, lenders: _Lenders) -> tuple[str, ...]:
        """Who lets the caller approve of it in their name, and may themselves."""
        used = {one.rpartition(" for ")[2] for one in (line.approvals_needed.by if line.approvals_needed else ())}
        return tuple(
            sorted(
                {
                    owner.name
                    for owner, given in lenders
                    if owner.name not in {line.requester, *used}
                    if given.tenant in (ANY, line.tenant) and given.stage in (ANY, line.stage)
                    if rules.allows(owner, "approve", line.tenant, line.stage)
                }
            )
        )

    def _lenders(self) -> _Lenders:
        """Who lets the caller approve in their name now, each with where."""
        if "approve" not in self._caller.scopes:
            return ()
        with self._database.read() as tx:
            found = delegations.find(tx, self._caller.id, live_at=clock.now())
            given = [one for one in found if one.to == self._caller.id]
            known = people.named(tx, {one.owner for one in given})
        owners = ((known.get(one.owner), one) for one in given)
        return tuple((Caller(who.id, who.name, who.grants), one) for who, one in owners if who and not who.disabled)

    def _allows(self, permission: Permission, line: Scoped) -> bool:
        return rules.allows(self._caller, permission, line.tenant, line.stage)
