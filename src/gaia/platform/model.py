"""What doors show: frozen views of a request, with everything a person needs to judge it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

from gaia.records.model import OPEN, TRANSITIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.platform.target import Target
    from gaia.records.model import Decision, OnFailure, RequestKind, RequestStatus, RunKind, RunStatus

FOR_EVER: Literal["for-ever"] = "for-ever"
"""No end."""
Until: TypeAlias = datetime | timedelta | Literal["for-ever"]
"""The end that somebody wants: a moment, so long from now, or none."""
FINAL: frozenset[RequestStatus] = frozenset(TRANSITIONS) - OPEN
"""Nothing follows any more."""
APPROVES = "policy-approves"
"""The code of a preview run whose retirement a policy approves of, once its requester has seen the plan."""
WORKING: frozenset[RequestStatus] = frozenset({"submitted", "applying"})
"""A run works on it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One resource of a preview. Values that are not known yet are `(known after apply)`, secret ones `(sensitive)`."""

    instance: str
    address: str
    type: str
    action: str
    """`create`, `update`, `delete`, `replace`, `forget`; `import` and `move` of what stays as it is otherwise."""
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    forced_by: tuple[str, ...] = ()
    """Of a replacement: the attributes that cannot be changed otherwise, e.g. `engine`, `rule[0].name`."""
    reason: str = ""
    """Why, in Terraform's own word (`replace_because_tainted`); empty where it gives none."""


def totals_of(cost: Mapping[str, object]) -> dict[str, object]:
    """An estimate in a few figures; none where there is no estimate (docs/reference/output.md)."""
    from gaia.cost.summary import summary

    return summary(cost).totals() if cost else {}


@dataclass(frozen=True, slots=True)
class PreviewView:
    """What would happen, what it costs, and what the policies say."""

    digest: str
    commit: str
    made_at: str
    changes: tuple[Change, ...]
    cost: Mapping[str, object]
    """Infracost JSON, version 0.2."""
    findings: tuple[Mapping[str, object], ...]
    """`Finding.as_json()` of each deny, warn and undecided."""
    alone: tuple[tuple[str, str], ...] = ()
    """Instances that could not join the one plan, and why."""
    judgement: str = ""
    """The digest of what policies and prices say of it: an approval that names it signs nothing else."""
    targets: tuple[Target, ...] = ()
    """Where its instances would be changed; mostly one."""
    kept: bool = True
    """False: the changes were taken away, for the request has ended and nobody approved them."""

    @property
    def totals(self) -> dict[str, object]:
        """What it costs in a few figures."""
        return totals_of(self.cost)


@dataclass(frozen=True, slots=True)
class Wish:
    """One service of an order of several."""

    template: str
    service: str
    answers: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that nobody needs any more: what it is, how big, and when it was last written or read."""

    kind: Literal["preview", "plans", "commits", "drift", "log", "journal", "tree", "directory", "checkout"]
    name: str
    size: int
    """Bytes."""
    at: str


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """Who said yes or no, to which digest, when."""

    id: str
    decision: Decision
    by: str
    digest: str
    at: str
    reason: str = ""
    undecided: tuple[str, ...] = ()
    voided: str | None = None
    """Why it no longer holds; null where it does."""
    on_behalf: str | None = None
    """In whose name `by` signed; null: in their own."""

    @property
    def signer(self) -> str:
        """`gus`, or `gus for ada`."""
        return self.by if self.on_behalf is None else f"{self.by} for {self.on_behalf}"


@dataclass(frozen=True, slots=True)
class ApprovalsNeeded:
    """What the rules of approval ask of a request that waits, and how far its approvals go."""

    approvers: int
    """How many different people have to approve."""
    given: int
    """How many have, of those that count."""
    by: tuple[str, ...]
    """Who: `grace`, `gus for ada`."""
    groups: tuple[tuple[str, ...], ...]
    """Of each, somebody in one of the groups named has still to approve."""
    proof_seconds: int | None
    """How long ago an approver may have proved with a second factor who they are; null: no rule asks for it."""
    policy_may: bool
    """Whether a policy may approve instead of people."""
    rules: tuple[str, ...]
    """Where the rules stand in the platform repository: `approvals/production.yaml:3`."""
    words: str
    """`1 of 2 approvals; waits for one of group security`."""


@dataclass(frozen=True, slots=True)
class CommentView:
    """What somebody said of a request."""

    id: str
    by: str
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class RunView:
    """One durable execution of a request: its preview, or its application."""

    id: str
    kind: RunKind
    status: RunStatus
    started_at: str | None
    ended_at: str | None
    reason: str = ""
    code: str = ""
    """Why it was parked or failed, as a stable word: `approval-void`, `policy-denied`, `lock-foreign`, …"""
    left: tuple[str, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    """(step, state) in order; state is `done`, `running` or `todo`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSummary:
    """What doors show of a request, alone or in a list."""

    id: str
    kind: RequestKind
    service: str
    template: str
    template_version: str
    stack: str
    tenant: str
    stage: str
    requester: str
    status: RequestStatus
    created_at: str
    expires_at: str | None
    manifest: str
    instances: tuple[str, ...]
    reason: str = ""
    next_step: str = ""
    ttl: int | None = None
    """Seconds that the service lives from when it comes to exist, which an approver signs; null: no end."""
    lives_until: str | None = None
    """When the service that came from it ends by itself; null where it does not, or not yet."""
    approvals_needed: ApprovalsNeeded | None = None
    """While it waits; null where that is not known, or it does not wait."""
    follows: str | None = None
    """Of a change or a retirement: the request that the service came from before."""
    key_replaced: bool = False
    """Whether it waits with a preview of before the home's key was replaced: to resume it previews it again, and
    nobody can approve of it until then."""

    @property
    def is_retirement(self) -> bool:
        """Whether it asks for a service to be destroyed."""
        return self.kind == "retire"

    @property
    def is_change(self) -> bool:
        """Whether it asks for a service that stands to be another one."""
        return self.kind == "change"

    @property
    def puts_back(self) -> bool:
        """Whether it has a live service made again as it is published."""
        return self.kind == "reconcile"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView(RequestSummary):
    """Everything about one request."""

    answers: Mapping[str, object]
    preview: PreviewView | None
    approvals: tuple[ApprovalView, ...]
    runs: tuple[RunView, ...]
    outputs: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """By instance, what Terraform gave of what was applied: none that is sensitive. Empty until it is done."""
    comments: tuple[CommentView, ...] = ()
    """What people said of it, oldest first."""
    before: Mapping[str, object] = field(default_factory=dict)
    """Of a change: the answers that it does not leave as they are, as they were; null: there was none."""
    services: tuple[str, ...] = ()
    """Of an order of several services: their names; each is a service of its own when the order is done."""
    on_failure: OnFailure = "park"
    """`undo`: what was made is destroyed again where it cannot be finished, which an approver signs."""
    leaving: tuple[str, ...] = ()
    """Of a change: the instances that it destroys."""

    @property
    def confirms(self) -> bool:
        """Whether a policy approves of this retirement, and only its requester has to confirm it."""
        return self.status == "waiting" and bool(self.runs) and self.runs[-1].code == APPROVES

    def as_json(self) -> dict[str, object]:
        """The documented machine form (docs/reference/output.md)."""
        whole = asdict(self)
        if self.preview is not None:
            whole["preview"]["totals"] = self.preview.totals
        return whole | {"confirms": self.confirms}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine(RequestSummary):
    """One request in a list: nothing that would have to be loaded for it alone."""

    digest: str | None
    """The current preview's."""
    cost: Mapping[str, object]
    """As it was judged: Infracost JSON, empty without an estimate."""

    @classmethod
    def of(cls, view: RequestView) -> RequestLine:
        """The line of a request that is known as a whole."""
        same = {each.name: getattr(view, each.name) for each in fields(RequestSummary)}
        preview = view.preview
        return cls(**same, digest=preview.digest if preview else None, cost=preview.cost if preview else {})

    def as_json(self) -> dict[str, object]:
        """The documented machine form; the cost is a figure, null where it is not wholly known."""
        line = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "cost"}
        totals = totals_of(self.cost)
        known = None if totals.get("partial") else totals.get("monthly")
        needed = asdict(self.approvals_needed) if self.approvals_needed else None
        return line | {"approvals_needed": needed, "monthly_cost": known, "partial": totals.get("partial")}


@dataclass(frozen=True, slots=True)
class WhyLine:
    """One step of an explanation, from the thing asked about back to the person who asked for it."""

    what: str
    """E.g. `resource`, `instance`, `value`, `answer`, `template`, `request`, `approval`,
    `end`, `change`, `commit`."""
    text: str
    at: str | None = None
    """`file:line:column` in the platform repository, where there is one."""


@dataclass(frozen=True, slots=True)
class WhyView:
    """The chain of reasons for one resource, cost line or commit."""

    subject: str
    request: str
    """Empty for what was applied without one."""
    lines: tuple[WhyLine, ...]

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class GrantView:
    """A role, and where it holds; `*` is everywhere."""

    role: str
    tenant: str
    stage: str


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token without its secret, and what the person whose it is may do."""

    id: str
    person: str
    roles: tuple[str, ...]
    grants: tuple[GrantView, ...]
    created_at: str
    expires_at: str
    revoked_at: str | None
    last_used_at: str | None
    """When somebody last changed something with it; looking is not noted."""


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody who may act, and as what."""

    id: str
    name: str
    created_at: str
    disabled: bool
    grants: tuple[GrantView, ...]
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DelegationView:
    """Who may approve in whose name, where and until when."""

    id: str
    owner: str
    """Whose approval it counts as."""
    to: str
    """Who may give it."""
    tenant: str
    stage: str
    made_at: str
    until: str
    revoked_at: str | None
    holds: bool
    """Whether it does now."""


@dataclass(frozen=True, slots=True)
class CallerView:
    """Who calls, and what they may do."""

    id: str
    name: str
    token: str
    """Its id; empty for who came another way."""
    scopes: tuple[str, ...]
    grants: tuple[GrantView, ...]
    groups: tuple[str, ...]
    second_factor_at: str | None
    ends_at: str | None


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry of the audit log."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    outcome: str
    facts: Mapping[str, object]
