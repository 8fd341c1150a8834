"""One instance operation: what it is given, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from gaia.kit.keys import SecretKey
    from gaia.policy.model import Finding
    from gaia.records.ports import LineFile
    from gaia.stacks.model import Instance
    from gaia.terraform.command import Terraform
    from gaia.terraform.normal import NormalForm
    from gaia.terraform.plan import Plan

OutcomeStatus = Literal["applied", "unchanged", "parked"]


class Log(Protocol):
    """Where progress goes: level (`info`, `warn`, `error`), a sentence, and terraform's event when it is about one."""

    def __call__(self, level: str, message: str, event: Mapping[str, object] | None = None) -> None:
        """Write one line; the text is already redacted."""
        ...


def _silent(level: str, message: str, event: Mapping[str, object] | None = None) -> None:
    """Drop it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judges say of an instance's own plan."""

    allowed: bool
    code: str = ""
    """E.g. `policy-denied`, `policy-undecided`; becomes the outcome's code."""
    reasons: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    """All that the policies say, warnings too; secrets are taken out."""


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan that somebody has seen, with its file."""

    plan: Plan
    content: bytes = field(repr=False)
    """The plan file; its hash is `plan.sha256`."""


@dataclass(frozen=True, slots=True)
class Operation:
    """Everything that applying or destroying one instance needs."""

    terraform: Terraform
    instance: Instance
    variables: Mapping[str, object] = field(repr=False)
    """The instance's vars with every reference resolved."""
    tree: Path
    """The exported platform repository (or its components folder) at the commit that was approved."""
    root: Path
    """Working directory of the instance, `repos/ID/work/STACK/COMPONENT`; this operation alone uses it."""
    journal: LineFile
    """Of this operation alone; an operation that was cut off goes on with the same one."""
    approved: NormalForm | None
    """What was approved, this instance's part among others; None where nothing needs approval (an undo)."""
    key: SecretKey
    """The repository's key, which hides sensitive values in normal forms."""
    judge: Callable[[Plan], Verdict]
    """Asked on the plan that is about to be applied."""
    destroy: bool = False
    components: str = ""
    """The components' base path inside `tree`."""
    providers: Mapping[str, object] | None = field(default=None, repr=False)
    """The providers section with its references resolved; the instance's own where it has none."""
    states: Path | None = None
    """Where local states are kept, as `workdir.prepare` takes it."""
    copying: Callable[[Path, Path], None] | None = None
    """What of `tree` is needed, as `workdir.prepare` takes it."""
    backends: bool = True
    """Whether the stack says which backend there is, as `workdir.prepare` takes it."""
    saved: SavedPlan | None = field(default=None, repr=False)
    """What is applied by a first attempt, in place of a plan of its own; later ones plan again."""
    plan_flags: tuple[str, ...] = ()
    """Further flags for plans, as somebody typed them: `-target=…`, `-var=…`."""
    apply_flags: tuple[str, ...] = ()
    """Further flags for the application: `-parallelism=…`, `-lock-timeout=…`."""
    imports: frozenset[str] = frozenset()
    """Addresses whose import somebody has seen in the plan and agreed to; any other must be shown to be ours."""
    extra: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Files that stand beside the code, by name: `import` blocks that somebody asked for."""
    keeps: bool = True
    """Whether what an earlier attempt was cut off at is kept (untainted) where the plan would replace it. Not where
    somebody has just been shown that it is replaced."""
    instead: bool = False
    """Whether it may take the place of the other operation that was begun with this journal and did not end."""
    check_code: Callable[[Mapping[str, str]], None] | None = field(default=None, repr=False)
    """Raises where the files that were copied are not those that somebody has seen the plan of."""
    log: Log = field(default=_silent, repr=False)


@dataclass(frozen=True, slots=True)
class InstanceResource:
    """One resource of the instance after the operation."""

    address: str
    type: str
    id: str | None
    arn: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an operation ended. `parked` means: a person has to look, then `perform` goes on from here."""

    status: OutcomeStatus
    reason: str = ""
    code: str = ""
    """Of a parked one: `approval-void`, `lock-foreign`, `orphan-foreign`, `orphan-unresolved`, `destroy-incomplete`,
    `state-incomplete`, `plan-changed`, `interrupted`, the verdict's code, or the code of the error that stopped it."""
    next_step: str = ""
    left: tuple[str, ...] = ()
    """What is not done or in doubt: addresses, with reasons where there are any; differences from the approval."""
    resources: tuple[InstanceResource, ...] = ()
    outputs: Mapping[str, object] = field(default_factory=dict)
    """Output values that are not sensitive, known secrets in them hidden. The others are in the state alone."""
    sensitive_outputs: frozenset[str] = frozenset()
    """Names of the outputs that are left out."""
    changed: Mapping[str, int] = field(default_factory=dict)
    """How many resources were created, updated, deleted, imported by all attempts together; `accept`: how many were
    taken into the state as they are."""
    digest: str = ""
    """Of the normal form of the plan that was applied or refused."""
    by_hand: tuple[Mapping[str, str], ...] = ()
    """Of what a person may adopt: `address`, `type`, `reason`, the `form` of its import id, the `console` page (empty
    where the region is not known)."""

    def as_json(self) -> dict[str, object]:
        """JSON data for the journal and for step results; without secrets."""
        return {
            "status": self.status,
            "reason": self.reason,
            "code": self.code,
            "next_step": self.next_step,
            "left": list(self.left),
            "resources": [[item.address, item.type, item.id, item.arn] for item in self.resources],
            "outputs": dict(self.outputs),
            "sensitive_outputs": sorted(self.sensitive_outputs),
            "changed": dict(self.changed),
            "digest": self.digest,
            "by_hand": [dict(one) for one in self.by_hand],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Outcome:
        """The inverse of `as_json`."""
        rows = cast("Iterable[tuple[str, str, str | None, str | None]]", data["resources"])
        return cls(
            status=cast("OutcomeStatus", data["status"]),
            reason=str(data["reason"]),
            code=str(data["code"]),
            next_step=str(data["next_step"]),
            left=tuple(cast("Iterable[str]", data["left"])),
            resources=tuple(InstanceResource(*row) for row in rows),
            outputs=dict(cast("Mapping[str, object]", data["outputs"])),
            sensitive_outputs=frozenset(cast("Iterable[str]", data["sensitive_outputs"])),
            changed=dict(cast("Mapping[str, int]", data["changed"])),
            digest=str(data["digest"]),
            by_hand=tuple(dict(one) for one in cast("Iterable[Mapping[str, str]]", data.get("by_hand", ()))),
        )
