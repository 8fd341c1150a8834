"""One instance is changed: the same for a request's instance and for a change that nobody asked a request for.

What is applied refines what was approved, policies are asked of the plan itself, and the journal goes on from whatever
an earlier attempt left.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gaia.kit import clock
from gaia.platform.instances import policy_input
from gaia.platform.instances.outputs import Outputs, working_folder
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.operations.instance import Outcome, Verdict
    from gaia.operations.model import Log, SavedPlan
    from gaia.platform.snapshot import Snapshot
    from gaia.platform.workplace import Workplace
    from gaia.policy.waivers import Waivers
    from gaia.records.database import Transaction
    from gaia.records.model import Run
    from gaia.records.ports import LineFile
    from gaia.stacks.model import Instance
    from gaia.terraform.command import Terraform
    from gaia.terraform.normal import NormalForm
    from gaia.terraform.plan import Plan


@dataclass(frozen=True, slots=True)
class InstanceChange:
    """What is to be done to which instance, and what was approved of it."""

    snapshot: Snapshot
    instance: Instance
    journal: LineFile
    approved: NormalForm
    """The instance's part of what was approved."""
    about: Mapping[str, object]
    """The `gaia` key of the document that policies see."""
    destroy: bool = False
    open_rules: frozenset[str] = frozenset()
    """Names of the rules that could not decide about what was approved, and have to now."""
    saved: SavedPlan | None = None
    """The plan that was seen, to be applied itself."""
    keeps: bool = True
    """See `Operation.keeps`."""
    plan_flags: tuple[str, ...] = ()
    apply_flags: tuple[str, ...] = ()
    extra: Mapping[str, bytes] = field(default_factory=dict)
    instead: bool = False
    """Whether it may take the place of the other operation that was begun with this journal and did not end."""
    check_code: Callable[[Mapping[str, str]], None] | None = None
    """See `Operation.check_code`."""
    only: frozenset[str] | None = None
    """Where nobody approved a plan of this, all that may be changed: the addresses of what is undone."""
    waivers: Callable[[], Waivers] | None = None
    """Those that may excuse a deny; asked where there is something to excuse. None: no deny is excused."""

    @property
    def imports(self) -> frozenset[str]:
        """Addresses whose import stands in the plan that was seen."""
        return (
            frozenset(one.address for one in self.saved.plan.resources if one.import_id) if self.saved else frozenset()
        )

    @property
    def key(self) -> str:
        """`STACK/COMPONENT`."""
        return str(self.instance.key)


def apply_instance(
    workplace: Workplace, change: InstanceChange, *, terraform: Terraform, outputs: Outputs, say: Log
) -> Outcome:
    """Carry a change out, or go on with it; waits for a slot of this machine.

    Raises:
        Conflict: `operation-running`, `journal-mismatch`, `interrupted` while it waits.
        Refused: `account-wrong`, `account-unknown`.
    """
    from gaia.operations.instance import Operation, perform
    from gaia.terraform.aws_account import check_account
    from gaia.terraform.workdir import code_of

    snapshot = change.snapshot
    code = code_of(change.instance, snapshot.tree, snapshot.components)
    check_account(
        change.instance, terraform.environ, code=code, tofu=terraform.tool.flavor == "tofu"
    )  # the credentials may be others than at the plan
    operation = Operation(
        terraform=terraform,
        instance=outputs.settled(change.instance, destroy=change.destroy),
        variables=outputs.variables(change.instance, destroy=change.destroy),
        tree=change.snapshot.tree,
        components=change.snapshot.components,
        states=workplace.states,
        root=working_folder(workplace, change.instance, "work"),
        journal=change.journal,
        approved=None if change.only is not None else change.approved.part(change.instance.key),
        key=workplace.key,
        judge=lambda plan: verdict(workplace, change, plan, terraform.redact, step="apply", cost=_cost(change, plan)),
        destroy=change.destroy,
        copying=change.snapshot.copying(change.instance),
        backends=change.snapshot.backends,
        saved=change.saved,
        plan_flags=change.plan_flags,
        apply_flags=change.apply_flags,
        extra=change.extra,
        keeps=change.keeps,
        imports=change.imports,
        instead=change.instead,
        check_code=change.check_code,
        log=say,
    )
    with workplace.slots.take(lambda: say("info", WAITS_FOR_SLOT), terraform.check_interrupt):
        if change.destroy:
            outputs.forget(change.instance)
        outcome = perform(operation)
    if outcome.status == "applied":
        outputs.remember(change.instance)
    return outcome


WAITS_FOR_SLOT = "waits for a slot: as many terraforms as this machine has room for are running"


def _cost(change: InstanceChange, plan: Plan) -> Mapping[str, object]:
    """Infracost JSON; nothing where it cannot be made, which the rules about money then say."""
    from gaia.errors import GaiaError
    from gaia.platform.instances.estimates import estimate_of

    try:
        return estimate_of(change.snapshot, change.instance, plan.raw)
    except GaiaError:
        return {}


def verdict(
    workplace: Workplace,
    change: InstanceChange,
    plan: Plan,
    redact: Callable[[str], str],
    *,
    step: policy_input.Step,
    cost: Mapping[str, object],
) -> Verdict:
    """What the policies of the snapshot say of a plan, now; `cost` is its estimate."""
    from gaia.operations.instance import Verdict
    from gaia.policy.judge import judge

    if change.only is not None and (more := sorted({one.address for one in plan.changes} - change.only)):
        return Verdict(allowed=False, code="undo-unsafe", reasons=tuple(f"{one} was not made by this" for one in more))
    from gaia.policy.waivers import waive
    from gaia.policy.wording import sentences

    if gone := change.open_rules - {rule.name for rule in change.snapshot.policies.about("plan")}:
        missing = tuple(f"there is no rule {name}, which has to decide" for name in sorted(gone))
        return Verdict(allowed=False, code="policy-missing", reasons=missing)
    document = policy_input.plan_input(plan.raw, {**change.about, "instances": [change.key]}, step, cost)
    findings = judge(change.snapshot.policies, "plan", document, engine=workplace.policy_engine())
    if change.waivers and (change.snapshot.waivers or any(one.effect == "deny" for one in findings)):
        findings = waive(findings, change.waivers(), change.key, plan.raw, clock.now().date())
    findings = tuple(replace(one, message=redact(one.message)) for one in findings)
    against = [one for one in findings if one.effect in ("deny", "undecided")]
    code = "policy-denied" if any(one.effect == "deny" for one in against) else "policy-undecided"
    reasons = tuple(redact(one) for one in sentences((one.title, one.address or "", one.message) for one in against))
    if not change.snapshot.policies_bind:
        return Verdict(allowed=True, code=code if against else "", reasons=reasons, findings=findings)
    return Verdict(not against, code if against else "", reasons, findings)


def remember(tx: Transaction, by: Run, key: str, outcome: Outcome) -> None:
    """Write down what the instance's state holds now, where the outcome knows it: one that was parked may not.

    Where drift was found before, it is looked at again soon.
    """
    from gaia.records import looks, resources

    instance = InstanceKey.parse(key)
    looks.look_again(tx, by.repository, instance.stack, instance.component)
    if outcome.status == "parked" and not outcome.resources:
        return
    made = [resources.Found(one.address, one.type, one.id or one.address, one.arn) for one in outcome.resources]
    resources.record(tx, by, instance.stack, instance.component, made, at=clock.now())
