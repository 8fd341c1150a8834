"""How many people, of which groups, have to approve of what happens in a tenant and stage: pure decisions.

Rules are those of `approvals/*.yaml` (`approval_files`). All that are about a place hold there together: of each kind
the strictest. What counts is read from signatures alone: who signed, in whose name, in which groups they were then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from gaia.errors import Position
    from gaia.records.model import Approval


@dataclass(frozen=True, slots=True)
class Rule:
    """What one entry asks for, in the places that it is about."""

    tenant: str
    stage: str
    """As `tenant`, with `*`, `?` and `[…]`."""
    approvers: int
    groups: tuple[str, ...]
    """One approver at least is in each of them."""
    any_of: tuple[str, ...]
    """One approver at least is in one of them."""
    proof: timedelta | None
    """Each approver has proved with a second factor who they are, no longer ago."""
    within: timedelta | None
    """How long a preview may wait for its approval."""
    may_policy_approve: bool
    at: Position

    def holds(self, tenant: str, stage: str) -> bool:
        """Whether it is about what happens there."""
        return fnmatchcase(tenant, self.tenant) and fnmatchcase(stage, self.stage)


@dataclass(frozen=True, slots=True)
class Asked:
    """What all rules about one place ask for together."""

    approvers: int = 1
    groups: tuple[tuple[str, ...], ...] = ()
    """Of each one approver at least is in one of the groups named."""
    proof: timedelta | None = None
    within: timedelta | None = None
    may_policy_approve: bool = True
    at: tuple[str, ...] = ()
    """Where the rules stand: `file:line`."""

    def as_json(self) -> dict[str, object]:
        """The form that a request's row keeps."""
        return {
            "approvers": self.approvers,
            "groups": [list(one) for one in self.groups],
            "proof": self.proof.total_seconds() if self.proof is not None else None,
            "within": self.within.total_seconds() if self.within is not None else None,
            "may_policy_approve": self.may_policy_approve,
            "at": list(self.at),
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Asked | None:
        """The inverse of `as_json`; None for what a request from before has, or what is not of that form."""
        try:
            spans = {
                name: None if kept[name] is None else timedelta(seconds=kept[name]) for name in ("proof", "within")
            }
            groups = tuple(tuple(map(str, one)) for one in kept["groups"])
            policy, places = bool(kept["may_policy_approve"]), tuple(map(str, kept["at"]))
            return cls(int(kept["approvers"]), groups, may_policy_approve=policy, at=places, **spans)
        except (KeyError, TypeError, ValueError, OverflowError):
            return None

    @property
    def named(self) -> frozenset[str]:
        """Every group that it asks for."""
        return frozenset(name for one in self.groups for name in one)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the approvals that there are go."""

    asked: Asked
    given: int
    """Approvals that count: of different people, in the names of different people."""
    missing: tuple[tuple[str, ...], ...]
    """The groups of which nobody has approved, and one of each has to."""
    by_policy: bool = False
    """A policy approved, and may."""

    @property
    def met(self) -> bool:
        """Whether nothing is missing."""
        return self.by_policy or (self.given >= self.asked.approvers and not self.missing)


def asked_in(rules: Iterable[Rule], tenant: str, stage: str) -> Asked:
    """What is asked for in a place: one approval where no rule is about it."""
    mine = [rule for rule in rules if rule.holds(tenant, stage)]
    each: list[tuple[str, ...]] = [(name,) for rule in mine for name in rule.groups]
    groups = dict.fromkeys([*each, *(rule.any_of for rule in mine if rule.any_of)])
    return Asked(
        approvers=max((rule.approvers for rule in mine), default=1),
        groups=tuple(groups),
        proof=min((rule.proof for rule in mine if rule.proof is not None), default=None),
        within=min((rule.within for rule in mine if rule.within is not None), default=None),
        may_policy_approve=all(rule.may_policy_approve for rule in mine),
        at=tuple(f"{rule.at.file}:{rule.at.line}" for rule in mine),
    )


def standing(asked: Asked, approvals: Sequence[Approval], requester: str) -> Standing:
    """How far approvals go, all of which were verified and are of one preview and one judgement.

    Whoever asked counts neither in person nor as the one in whose name somebody signed.
    """
    signers: set[str] = set()
    names: set[str] = set()
    groups: set[str] = set()
    for one in approvals:
        name = one.on_behalf or one.person
        if one.decision != "approved" or one.person is None or name is None or requester in (one.person, name):
            continue
        if one.person in signers or name in names or not is_proved(asked, one.proved_at, one.at):
            continue
        signers.add(one.person)
        names.add(name)
        groups.update(one.groups)
    missing = tuple(one for one in asked.groups if not groups.intersection(one))
    policy = asked.may_policy_approve and any(one.person is None and one.decision == "approved" for one in approvals)
    return Standing(asked, len(names), missing, policy)


def is_proved(asked: Asked, proved_at: datetime | None, at: datetime) -> bool:
    """Whether who signs at `at` has proved who they are recently enough; nobody has in the future."""
    if asked.proof is None:
        return True
    return proved_at is not None and timedelta(0) <= at - proved_at <= asked.proof
