"""One instance is changed: the same for a request's instance and for a change that nobody asked a request for.

What is applied refines what was approved, policies are asked of the plan itself, and the journal goes on from whatever
an earlier attempt left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gaia.errors import Conflict
from gaia.kit import clock
from gaia.platform.outputs import Outputs, working_folder
from gaia.records import resources
from gaia.records.documents import Growing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gaia.operations.instance import Outcome, Verdict
    from gaia.platform.parts import Parts, Workplace
    from gaia.platform.snapshot import Snapshot
    from gaia.records.database import Transaction
    from gaia.records.model import Run
    from gaia.records.ports import LineFile
    from gaia.stacks.model import Instance
    from gaia.terraform.command import Terraform
    from gaia.terraform.normal import NormalForm
    from gaia.terraform.plan import Plan


class Say(Protocol):
    """Where progress goes."""

    def __call__(self, level: str, message: str, event: Mapping[str, object] | None = None) -> None:
        """One line, already redacted."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done to which instance, and what was approved of it."""

    snapshot: Snapshot
    instance: Instance
    journal: LineFile
    approved: NormalForm
    """The instance's part of what was approved."""
    about: Mapping[str, object]
    """The `gaia` key of the document that policies see."""
    destroy: bool = False

    @property
    def key(self) -> str:
        """`STACK/COMPONENT`."""
        return str(self.instance.key)


def apply_instance(
    workplace: Workplace, change: Change, *, terraform: Terraform, outputs: Outputs, say: Say
) -> Outcome:
    """Carry a change out, or go on with it; waits for a slot of this machine.

    Raises:
        Conflict: `operation-running`, `journal-mismatch`, `interrupted` while it waits.
    """
    from gaia.operations.instance import Operation, perform

    operation = Operation(
        terraform=terraform,
        instance=change.instance,
        variables=outputs.variables(change.instance, destroy=change.destroy),
        tree=change.snapshot.tree,
        components=change.snapshot.components,
        states=workplace.states,
        root=working_folder(workplace, change.instance, "work"),
        journal=change.journal,
        approved=change.approved.part(change.instance.key),
        key=workplace.key,
        judge=lambda plan: verdict(workplace, change, plan, terraform.redact),
        destroy=change.destroy,
        log=say,
    )
    with workplace.slots.take(lambda: say("info", WAITS_FOR_SLOT), terraform.check_interrupt):
        return perform(operation)


WAITS_FOR_SLOT = "waits for a slot: as many terraforms as this machine has room for are running"


def verdict(workplace: Workplace, change: Change, plan: Plan, redact: Callable[[str], str]) -> Verdict:
    """What the policies of the snapshot say of the plan that is about to be applied."""
    from gaia.operations.instance import Verdict
    from gaia.policy.judge import judge

    document = {**plan.raw, "gaia": {**change.about, "instances": [change.key]}}
    found = judge(change.snapshot.policies, "plan", document, engine=workplace.policy_engine())
    against = [one for one in found if one.effect in ("deny", "undecided")]
    code = "policy-denied" if any(one.effect == "deny" for one in against) else "policy-undecided"
    reasons = tuple(redact(f"{one.title}: {one.message}") for one in against)
    return Verdict(not against, code if against else "", reasons)


def journal_of(parts: Parts, request: str, key: str) -> Growing:
    """One journal for a request and an instance: every run of the request goes on from what the last one wrote."""
    return journal_named(parts, f"{request}/{key}")


def journal_named(parts: Parts, name: str) -> Growing:
    """The journal with this name, in the store."""
    return Growing(parts.documents, "journal", name)


def unrequested(key: str) -> str:
    """What the names of the journals of an instance's changes without a request begin with; a number follows."""
    return f"{_UNREQUESTED}/{key}/"


_UNREQUESTED = "direct"


def unfinished(parts: Parts, instances: Sequence[str], *, but: Sequence[Growing] = ()) -> Conflict | None:
    """Why these may not be changed yet: an application that did not end may have made what no state has.

    `but` are journals that do not count: whoever goes on with an application does not wait for it.
    """
    from gaia.operations.doubt import doubtful

    found = [journal_named(parts, stored.name) for stored in parts.documents.find("journal")]
    for key in instances:
        for one in found:
            request, _, rest = one.name.partition("/")
            mine = one.name.startswith(unrequested(key)) if request == _UNREQUESTED else rest == key
            if mine and one not in but and (left := doubtful(one)):
                return _unfinished(key, request, one, left)
    return None


def _unfinished(key: str, request: str, found: Growing, left: Sequence[str]) -> Conflict:
    stack, _, component = key.partition("/")
    direct = request == _UNREQUESTED
    finish = f"gaia terraform apply {component} -s {stack}" if direct else f"gaia resume {request}"
    return Conflict(
        "apply-unfinished",
        f"{'a change' if direct else f'request {request}'} was stopped while it made {key}, "
        "and may have made more than the state has",
        next_step=f"Finish it first: {finish}. Where it cannot be finished, look for what is left by hand, then remove "
        f"{found.where}.",
        facts={"request": request, "left": [f"{key}: {address}" for address in left]},
    )


def remember(tx: Transaction, by: Run, key: str, outcome: Outcome) -> None:
    """Write down what the instance's state holds now, where the outcome knows it: one that was parked may not."""
    if outcome.status == "parked" and not outcome.resources:
        return
    found = [resources.Found(one.address, one.type, one.id or one.address, one.arn) for one in outcome.resources]
    stack, _, component = key.partition("/")
    resources.record(tx, by, stack, component, found, at=clock.now())
