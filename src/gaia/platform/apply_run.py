"""The second run of a request: what was approved is applied instance by instance, then published."""

from __future__ import annotations

import glob
from functools import partial
from typing import TYPE_CHECKING, Any

from gaia.errors import Conflict
from gaia.kit import clock
from gaia.platform import document, previewing, trees
from gaia.platform.outputs import Outputs, working_folder
from gaia.platform.rendering import ground, propose
from gaia.platform.steps import APPLY, DESTROY, At, Step, Stop, carry_out
from gaia.records import approvals, leases, previews, requests, resources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gaia.operations.instance import Outcome, Verdict
    from gaia.platform.engine import StepCaller
    from gaia.platform.parts import Parts
    from gaia.records.database import Transaction
    from gaia.records.model import Judgement, Request, Run, WithoutRequest
    from gaia.terraform.normal import NormalForm
    from gaia.terraform.plan import Plan


def run(parts: Parts, run_id: str, call: StepCaller) -> None:
    """Carry out one application."""
    from gaia.platform.settle import settle_apply
    from gaia.records import runs

    with parts.database.read() as tx:
        request = requests.get(tx, runs.get(tx, run_id).request)
    carry_out(parts, run_id, call, plan(request), settle_apply)


def plan(request: Request) -> tuple[Step, ...]:
    """The steps: a retirement goes through the instances in reverse."""
    ordered = tuple(reversed(request.instances)) if request.kind == "retire" else request.instances
    word = DESTROY if request.kind == "retire" else APPLY
    return (
        Step("hold", hold, parks=True),
        Step("rebase", rebase, parks=True),
        *(Step(f"{word} {key}", partial(change, key=key), parks=True) for key in ordered),
        Step("publish", publish, parks=True),
    )


def hold(at: At) -> dict[str, Any]:
    """The approval is there, signed, for the current preview; the instances are leased by this request.

    What cannot be published is not begun: a policy approves without looking, what is resumed was approved long ago.
    """
    at.parts.clone().check_target()
    with at.parts.database.begin() as tx:
        approval = approvals.live(tx, at.request.id, str(at.request.preview))
        if approval is None or approval.decision != "approved" or not approvals.verify(approval, [at.parts.key]):
            raise Conflict(
                "approval-missing",
                f"request {at.request.id} has no approval of its current preview",
                next_step=f"Look at `gaia status {at.request.id}`, then let somebody approve it.",
            )
        lease(tx, at.request, at.run.id)
    return {"approval": approval.id}


def lease(tx: Transaction, request: Request, run: str) -> None:
    """Lease every instance of the request to one of its runs, or `Conflict("instance-leased")`."""
    leases.acquire_all(tx, request.repository, request.instances, request=request.id, run=run, at=clock.now())


def rebase(at: At) -> Stop | dict[str, Any]:
    """When the platform repository moved, preview again: what was approved must still be what would be done."""
    clone, request = at.parts.clone(), at.request
    head = clone.fetch()
    base = ground(at.parts, request, head)
    if base == request.base:
        return {"base": base}
    at.say(f"the platform repository moved to {head[:12]}: previewing again")
    commit = clone.rebase(str(request.branch), base) if base == head else propose(at.parts, request, base).commit
    source = base if request.kind == "retire" else commit
    approved, _ = previewing.load(at.parts, str(request.preview))
    with at.parts.database.read() as tx:
        before = previews.latest_judgement(tx, request.id, str(request.preview))
    made = previewing.make(at, source)
    with at.parts.database.begin() as tx:
        previewing.record(tx, at, made)
        requests.note(tx, request.id, at=clock.now(), base=base, commit=commit)
    after = previewing.judge(_again(at), source)
    reasons = _differences(at, source, approved, made.normal) + _stricter(before, after)
    if reasons:
        return Stop("void", "approval-void", "; ".join(reasons[:10]))
    with at.parts.database.begin() as tx:  # the same content: the approval goes on holding for the digest it signed
        requests.note(tx, request.id, at=clock.now(), preview=request.preview)
    return {"base": base}


def _again(at: At) -> At:
    with at.parts.database.read() as tx:
        return At(at.parts, at.run, requests.get(tx, at.request.id), at.log, at.step)


def _differences(at: At, commit: str, approved: NormalForm, actual: NormalForm) -> list[str]:
    from gaia.terraform.refine import refines

    outputs = Outputs(at.parts, trees.open_at(at.parts, commit), trees.export(at.parts, commit))
    return [str(difference) for difference in refines(approved, actual, is_set=outputs.is_set)]


def _stricter(before: Judgement | None, after: Judgement) -> list[str]:
    signed = before.findings if before else ()
    known = {(previewing.name_of(dict(one)), one["effect"]) for one in signed}
    return [
        f"{one['effect']}: {one['message']}"
        for one in after.findings
        if one["effect"] != "warn" and (previewing.name_of(dict(one)), one["effect"]) not in known
    ]


def change(at: At, *, key: str) -> Stop | dict[str, Any]:
    """Apply (or destroy) one instance; recovers by itself when an earlier attempt was killed."""
    outcome = _finished(at, key) or _perform(at, key)
    with at.parts.database.begin() as tx:
        remember(tx, at.run, key, outcome)
    if outcome.status == "parked":
        return Stop("parked", outcome.code, at.parts.redact(outcome.reason), outcome.left)
    gone = at.request.kind == "retire" and outcome.status == "applied"
    at.say(f"{key}: {'destroyed' if gone else outcome.status}", instance=key)
    return {"status": outcome.status, "resources": len(outcome.resources)}


def _finished(at: At, key: str) -> Outcome | None:
    """How an earlier run of this request ended with this instance; None while there is something to do."""
    from gaia.operations.instance import finished

    return finished(journal_path(at.parts, at.request.id, key))


def _perform(at: At, key: str) -> Outcome:
    from gaia.operations.instance import Operation, Outcome, perform

    destroy = at.request.kind == "retire"
    commit = str(at.request.base if destroy else at.request.commit)
    tree, repository = trees.export(at.parts, commit), trees.open_at(at.parts, commit)
    [instance] = trees.instances(repository, [key])
    outputs = Outputs(at.parts, repository, tree)
    journal = journal_path(at.parts, at.request.id, key)
    if error := unfinished(at.parts, [key], but=[journal]):
        return Outcome("parked", error.message, error.code, error.next_step, left=_left(error))
    if destroy and not journal.exists() and not outputs.exists(instance):
        return Outcome("unchanged")  # was never made: an earlier request stopped before it
    approved, _ = previewing.load(at.parts, str(at.request.preview))

    def log(level: str, message: str, event: Mapping[str, object] | None = None) -> None:
        at.say(message, level=level, instance=key, event=event)

    return perform(
        Operation(
            terraform=at.parts.terraform(),
            instance=instance,
            variables=outputs.variables(instance, destroy=destroy),
            tree=tree,
            components=str(repository.components_path.relative_to(tree)),
            states=at.parts.states,
            root=working_folder(at.parts, instance, "work"),
            journal=journal,
            approved=approved.part(instance.key),
            key=at.parts.key,
            judge=partial(_verdict, at, key=key, tree=tree),
            destroy=destroy,
            log=log,
        )
    )


def journal_path(parts: Parts, request: str, key: str) -> Path:
    """One journal for a request and an instance: every run of the request goes on from what the last one wrote."""
    return parts.home / "journals" / request / key / "journal.jsonl"


def unfinished(parts: Parts, instances: Sequence[str], *, but: Sequence[Path] = ()) -> Conflict | None:
    """Why these may not be changed yet: an application that did not end may have made what no state has.

    `but` are journals that do not count: whoever goes on with an application does not wait for it.
    """
    from gaia.operations.doubt import doubtful

    folder = parts.home / "journals"
    for key in instances:
        name = glob.escape(key)
        for path in sorted([*folder.glob(f"*/{name}/journal.jsonl"), *folder.glob(f"direct/{name}/*/journal.jsonl")]):
            if path not in but and (left := doubtful(path)):
                return _unfinished(key, path.relative_to(folder).parts[0], path, left)
    return None


def _unfinished(key: str, request: str, path: Path, left: Sequence[str]) -> Conflict:
    stack, _, component = key.partition("/")
    direct = request == "direct"
    finish = f"gaia terraform apply {component} -s {stack}" if direct else f"gaia resume {request}"
    return Conflict(
        "apply-unfinished",
        f"{'a change' if direct else f'request {request}'} was stopped while it made {key}, "
        "and may have made more than the state has",
        next_step=f"Finish it first: {finish}. Where it cannot be finished, look for what is left by hand, then remove "
        f"{path}.",
        facts={"request": request, "left": [f"{key}: {address}" for address in left]},
    )


def _left(error: Conflict) -> tuple[str, ...]:
    left = error.facts["left"]
    return tuple(str(one) for one in left) if isinstance(left, list) else ()


def _verdict(at: At, plan: Plan, *, key: str, tree: Path) -> Verdict:
    from gaia.operations.instance import Verdict
    from gaia.policy.judge import PolicySet, judge

    asked = document.plan_document(plan.raw, at.request, [key])
    found = judge(PolicySet.load(tree / "policies"), "plan", asked, engine=at.parts.engine())
    against = [one for one in found if one.effect in ("deny", "undecided")]
    code = "policy-denied" if any(one.effect == "deny" for one in against) else "policy-undecided"
    reasons = tuple(at.parts.redact(f"{one.title}: {one.message}") for one in against)
    return Verdict(not against, code if against else "", reasons)


def remember(tx: Transaction, by: Run | WithoutRequest, key: str, outcome: Outcome) -> None:
    """Write down what the instance's state holds now, where the outcome knows it: one that was parked may not."""
    if outcome.status == "parked" and not outcome.resources:
        return
    found = [resources.Found(one.address, one.type, one.id or one.address, one.arn) for one in outcome.resources]
    stack, _, component = key.partition("/")
    resources.record(tx, by, stack, component, found, at=clock.now())


def publish(at: At) -> dict[str, Any]:
    """Fast-forward the platform repository to the request's commit, rebased where others were faster."""
    commit = at.parts.clone().publish(str(at.request.branch))
    with at.parts.database.begin() as tx:
        requests.note(tx, at.request.id, at=clock.now(), commit=commit)
    at.say(f"published {commit[:12]}")
    return {"commit": commit}
