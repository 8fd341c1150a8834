"""Rows as frozen data. Times are aware UTC; ids are prefixed UUIDv7; JSON columns are plain mappings and tuples.

This module imports no SQL library, so views and pure logic may use it freely.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Role = Literal["viewer", "developer", "approver", "admin"]
Permission = Literal["see", "request", "approve", "administer"]
RequestStatus = Literal[
    "queued",  # a change that waits in line, for what is being applied to the service
    "submitted",  # written down, the preview has not ended yet
    "waiting",  # previewed and judged; a person decides
    "applying",  # approved; resources are being changed
    "done",  # everything is there and published (for a retirement: gone and published)
    "denied",  # a policy said no to the preview
    "rejected",  # a person said no, or took it back; or what would have ended it was moved away
    "expired",  # nobody decided in time
    "parked",  # stopped part-way with an exact list of what is left; `gaia resume` goes on
    "failed",  # ended before anything was changed, undone, or parked until its service was retired or changed
]
RequestKind = Literal["provision", "change", "retire", "reconcile"]
OnFailure = Literal["park", "undo"]
RunKind = Literal["preview", "apply", "operation", "drift", "workflow"]
RunStatus = Literal["queued", "running", "done", "parked", "failed"]
StepState = Literal["todo", "running", "done"]
Decision = Literal["approved", "rejected"]
Verdict = Literal["allowed", "denied", "undecided"]
AuditOutcome = Literal["done", "refused"]
Scalar = str | int | bool | None

ANY = "*"
"""In a grant: every tenant, or every stage."""
PERMISSIONS: frozenset[Permission] = frozenset({"see", "request", "approve", "administer"})
TRANSITIONS: Mapping[RequestStatus, frozenset[RequestStatus]] = {
    "queued": frozenset({"submitted", "rejected", "failed"}),
    "submitted": frozenset({"waiting", "applying", "denied", "rejected", "failed"}),
    # back to `submitted`: its stack is somewhere else now, preview again
    "waiting": frozenset({"submitted", "applying", "rejected", "expired"}),
    # back to `waiting`: what would be done is no longer what was approved, and nothing is left half-done
    # `failed`: what was made was destroyed again
    "applying": frozenset({"waiting", "done", "parked", "failed"}),
    # back to `submitted`: its approval does not hold, preview again; `failed`: its service was retired meanwhile
    "parked": frozenset({"submitted", "applying", "failed"}),
    "done": frozenset(),
    "denied": frozenset(),
    "rejected": frozenset(),
    "expired": frozenset(),
    "failed": frozenset(),
}
"""Which status of a request may follow which."""
RUN_TRANSITIONS: Mapping[RunStatus, frozenset[RunStatus]] = {
    "queued": frozenset({"running", "failed"}),
    # `running` again: another process took it over after a crash
    "running": frozenset({"running", "done", "parked", "failed"}),
    "done": frozenset(),
    "parked": frozenset(),  # going on is another run
    "failed": frozenset(),
}
"""Which status of a run may follow which."""
UNDONE = "undone"
"""The code of an application that failed, and whose work was undone: nothing of it is there."""
OPEN: frozenset[RequestStatus] = frozenset(status for status, following in TRANSITIONS.items() if following)
"""Requests with something still to come."""
BUSY: tuple[RequestStatus, ...] = ("submitted", "waiting", "applying")
"""At most one request of a service is in one of these; a parked one does not stand in the way of its retirement."""
LIVE: tuple[RunStatus, ...] = ("queued", "running")
"""At most one run of a subject is in one of these."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A platform repository: where it comes from and the branch that says what should exist."""

    id: str
    source: str
    branch: str


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A role in a tenant and a stage; `*` stands for every one."""

    role: Role
    tenant: str = ANY
    stage: str = ANY


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may act."""

    id: str
    name: str
    created_at: datetime
    disabled: bool
    grants: tuple[Grant, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """An API token without its secret, of which only a hash is kept."""

    id: str
    person: str
    scopes: tuple[Permission, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Request:
    """A developer's wish and where it stands. `preview` is the digest of the current preview."""

    id: str
    repository: str
    tenant: str
    stage: str
    stack: str
    service: str
    kind: RequestKind
    template: str
    template_version: str
    answers: Mapping[str, object]
    requester: str
    status: RequestStatus
    reason: str
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    branch: str | None
    base: str | None
    """The commit that the branch was made from."""
    commit: str | None
    """The commit on the branch that holds the manifest."""
    manifest: str
    """Path of the service's manifest in the platform repository; empty until it is rendered."""
    instances: tuple[str, ...]
    """`STACK/COMPONENT`, dependencies first."""
    origins: Mapping[str, Mapping[str, list[str]]]
    """File → line → names of the answers that the line depends on."""
    preview: str | None
    asked: Mapping[str, object]
    """What the rules of approval ask for, as they were when it began to wait or was last decided on; empty: unknown."""
    ttl: int | None = None
    """Seconds that the service lives from when it comes to exist; None: until somebody retires it."""
    follows: str | None = None
    """Of a change or a retirement: the request that the service came from before."""
    given: Mapping[str, object] = field(default_factory=dict)
    """Of a change: the answers that are to differ."""
    replaces: str | None = None
    """Of a change: the digest of a manifest that somebody edited by hand, and that may be written over."""
    parts: tuple[Mapping[str, Any], ...] = ()
    """Of an order of several services, each with `service`, `template`, `template_version`, `answers`, `manifest` and
    `instances`; it is none itself, and each is one of its own when it is done."""
    on_failure: OnFailure = "park"
    """What becomes of what its application has made, where that cannot be finished."""
    leaving: tuple[str, ...] = ()
    """Of `instances`, those that a change destroys: its manifest has them no more."""

    @property
    def staying(self) -> tuple[str, ...]:
        """The instances that its commit has."""
        return tuple(key for key in self.instances if key not in self.leaving)

    @property
    def is_change(self) -> bool:
        """Whether it asks for a service that there is to be another one."""
        return self.kind == "change"

    @property
    def manifests(self) -> tuple[str, ...]:
        """The paths of the manifests that it makes, changes or takes away."""
        return tuple(str(part["manifest"]) for part in self.parts) or (self.manifest,)

    @property
    def applied_by(self) -> str:
        """The request whose journals and approvals are its own: the order that it was a part of, or itself."""
        return self.follows if self.kind == "provision" and self.follows else self.id

    @property
    def is_proposal(self) -> bool:
        """Whether it is a change that no template makes: of the files that a branch proposes, as `answers` say."""
        return self.is_change and not self.template

    @property
    def source_commit(self) -> str:
        """The commit whose stacks describe the instances: a retirement's branch has lost them, its base has not."""
        commit = self.base if self.is_retirement else self.commit
        if commit is None:
            raise RuntimeError(self.id)
        return commit

    @property
    def is_retirement(self) -> bool:
        """Whether it asks for a service to be destroyed."""
        return self.kind == "retire"

    @property
    def puts_back(self) -> bool:
        """Whether it only has a live service made again as it is published: it commits nothing and takes up no more."""
        return self.kind == "reconcile"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a run without a request is of, at its place: an instance (`STACK/COMPONENT`), or what is done about one."""

    id: str
    repository: str
    tenant: str
    stage: str


@dataclass(frozen=True, slots=True)
class Run:
    """One durable execution of (kind, subject). `left` is what a parked run has not done."""

    id: str
    subject: str
    """A request's id, `STACK/COMPONENT` for an operation without a request, `drift STACK/COMPONENT` for a look,
    `workflow […]` for an execution: see `gaia.records.executions`."""
    request: str | None
    repository: str
    tenant: str
    stage: str
    kind: RunKind
    person: str | None
    """Who started it, where it was not the request's own course."""
    commit: str | None
    """What it acts on, where no request says so."""
    status: RunStatus
    attempt: int
    """How often it was started; 0 while it waits for the first time."""
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    reason: str
    code: str
    left: tuple[str, ...]
    worker: str | None = None
    """Which of several workers carries it out; None where a home is the only one, and while nobody has taken it."""
    cancelled: int = 0
    """Whether somebody wants it to end: 1 well, 2 at once."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a run. `result` holds ids and scalars only, never plans or values."""

    run: str
    step: str
    position: int
    state: StepState
    started_at: datetime | None
    ended_at: datetime | None
    result: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class Preview:
    """A content-addressed preview, and when it was last made for this request. Its document is found by its digest."""

    request: str
    digest: str
    repository: str
    tenant: str
    stage: str
    key_id: str
    commit: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """Policy findings and cost of one preview; `digest` covers everything but the time."""

    request: str
    digest: str
    preview: str
    findings: tuple[Mapping[str, object], ...]
    undecided: tuple[str, ...]
    cost: Mapping[str, object]
    policies: str
    """Digest of the policy set."""
    verdict: Verdict
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """A signed statement that exactly this preview, judged so, may (or may not) be applied."""

    id: str
    request: str
    preview: str
    judgement: str
    decision: Decision
    person: str | None
    """None: approved by policy."""
    at: datetime
    reason: str
    undecided: tuple[str, ...]
    key_id: str
    signature: str
    voided_at: datetime | None = None
    voided_why: str = ""
    on_behalf: str | None = None
    """In whose name `person` signed, where it was not their own."""
    groups: tuple[str, ...] = ()
    """Those that the signer (or whose name it was) was in, of the groups that rules of approval named then."""
    proved_at: datetime | None = None
    """When `person` had last proved with a second factor who they are."""
    ttl: int | None = None
    """The request's, as it was signed: so long after it came to exist the service ends by itself."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may change `name` now. A higher `token` of the same name always belongs to a later holder."""

    repository: str
    name: str
    """`STACK/COMPONENT`, or another name that the platform agreed on."""
    request: str | None
    """None: a run holds it that has no request."""
    run: str
    token: int
    acquired_at: datetime
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A cloud resource under its Terraform address in one instance, and what is known of the run that made it.

    A row from before runs without a request has no run where it has no request; it has person and commit.
    """

    repository: str
    tenant: str
    stage: str
    stack: str
    component: str
    address: str
    type: str
    cloud_id: str
    arn: str | None
    request: str | None
    run: str | None
    person: str | None
    commit: str | None
    created_at: datetime
    destroyed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit log; `hash` covers all of it and the line before."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    outcome: AuditOutcome
    repository: str
    tenant: str
    stage: str
    facts: Mapping[str, object]
    key_id: str
    previous: str
    hash: str
