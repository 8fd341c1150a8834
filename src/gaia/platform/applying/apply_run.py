"""The second run of a request: what was approved is applied instance by instance, then published.

`hold` finds the approval; every later step takes the digest from that signature, which it verifies again. No step reads
the request's current preview, so nothing that a killed attempt left behind can stand for what somebody signed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from gaia.errors import Conflict, GaiaError, Next
from gaia.graph.order import needed
from gaia.kit import clock
from gaia.platform.applying import after
from gaia.platform.applying.after import After
from gaia.platform.applying.undoing import undo
from gaia.platform.approvals import approving, policy_approval
from gaia.platform.approvals.signing import signed
from gaia.platform.engine.queueing import lease
from gaia.platform.engine.steps import APPLY, REBASE, Step, Stop, apply_steps
from gaia.platform.instances import journals, policy_input
from gaia.platform.instances.apply_instance import InstanceChange, apply_instance, remember
from gaia.platform.instances.definitions import Definitions
from gaia.platform.instances.dependents import check_unneeded
from gaia.platform.instances.leased import watched
from gaia.platform.instances.outputs import Outputs
from gaia.platform.requests import previewing, shared_commits
from gaia.platform.requests.proposals import check_still
from gaia.platform.requests.rendering import ground, instances_of, own_manifest, propose
from gaia.platform.services import placing
from gaia.platform.target import Target, target_of
from gaia.records import approvals, previews, requests

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gaia.operations.facts import Facts
    from gaia.operations.instance import Outcome
    from gaia.platform.context import RunContext
    from gaia.records.model import Approval, Judgement, Request
    from gaia.stacks.model import Instance
    from gaia.terraform.command import Terraform
    from gaia.terraform.normal import NormalForm


def steps(request: Request) -> tuple[Step, ...]:
    """What the steps of an application do."""
    work = {"hold": After(hold), REBASE: After(rebase), **after.WORK}
    found = []
    for name in apply_steps(request):
        word, _, key = name.partition(" ")
        if one := work.get(name):
            found.append(Step(name, one.do, undo=one.undo, uncertain=one.uncertain))
        else:  # what was destroyed nobody makes again
            undone = partial(undo, key=key) if word == APPLY else None
            found.append(Step(name, partial(change, key=key), beside=True, undo=undone))
    return tuple(found)


def needs(context: RunContext) -> dict[str, list[str]]:
    """By step, the steps of the instances that have to be changed before; where nobody can say it, all before it."""
    names = {name.partition(" ")[2]: name for name in apply_steps(context.request) if " " in name}
    try:
        found = _needed(_definitions(context), names)
    except GaiaError:  # changing them says what is wrong, one after the other
        listed = list(names.values())
        return {name: listed[:number] for number, name in enumerate(listed)}
    return {names[key]: [names[one] for one in others] for key, others in found.items()}


def _needed(definitions: Definitions, keys: Iterable[str]) -> dict[str, list[str]]:
    """By instance, which others have to be changed before: before anything is destroyed, all that stays is changed."""
    instances = [definitions.instance(key) for key in keys]
    stay = [one for one in instances if not definitions.destroys(str(one.key))]
    found = {str(key): list(map(str, others)) for key, others in needed(stay).items()}
    going = needed([one for one in instances if one not in stay], reverse=True)
    return found | {str(key): [*found, *map(str, others)] for key, others in going.items()}


def _definitions(context: RunContext) -> Definitions:
    """Where what this run changes is defined: on top of what others published meanwhile."""
    return Definitions(context.platform, context.request, _commit(context), str(context.results["rebase"]["base"]))


def _commit(context: RunContext) -> str:
    """What is applied: what the approved preview was made of, on top of what others published meanwhile."""
    return str(context.results["rebase"]["base" if context.request.is_retirement else "commit"])


def hold(context: RunContext) -> Stop | dict[str, Any]:
    """The approval is there, signed, for the current preview; the instances are leased by this request.

    What cannot be published is not begun: a policy approves without looking, what is resumed was approved long ago.
    """
    clone, request = context.platform.clone(), context.request
    clone.check_target()
    rules = clone.fetch()
    asked = approving.asked_at(context.platform, rules, request)
    with context.platform.database.read() as tx:
        live = [one for one in approvals.live(tx, request.id, str(request.preview)) if one.decision == "approved"]
    if live and (reason := policy_approval.lapsed(context.platform, request, live[-1], rules)):
        return Stop("void", "approval-void", reason, instead=live[-1].preview)
    with context.platform.database.begin() as tx:
        live = [one for one in approvals.live(tx, request.id, str(request.preview)) if one.decision == "approved"]
        approval = approving.check(tx, context.platform, request, live[-1] if live else None, asked)
        lease(tx, request, context.run.id)
    _check_request(context, approval)
    return {"approval": approval.id, "digest": approval.preview, "rules": rules}


def _check_request(context: RunContext, approval: Approval) -> None:
    """The request names every instance of which something was approved: else that would not happen, without a word.

    Raises:
        Conflict: `request-changed`.
    """
    request = context.request
    approved, _ = previewing.load(context.platform, approval.preview)
    unnamed = {str(key) for key, changes in approved.parts.items() if changes} - set(request.instances)
    if unnamed:
        raise Conflict(
            "request-changed",
            f"request {request.id} does not name {', '.join(sorted(unnamed))}, of which something was approved",
            next_step=Next("resume", request.id, "Preview it again, for somebody to approve"),
        )


def rebase(context: RunContext) -> Stop | dict[str, Any]:
    """When the platform repository moved, preview again: what was approved must still be what would be done.

    Compared first, written down after: until the comparison is over nothing of the request changes.
    """
    clone, request = context.platform.clone(), context.request
    approval = signed(context)
    head = clone.fetch()
    placing.check(context.platform, head, request)
    base = ground(context.platform, request, head)
    if base == request.base:
        if reason := policy_approval.lapsed(context.platform, request, approval, head):
            return Stop("void", "approval-void", reason, instead=approval.preview)
        check_unneeded(context.platform, request, request.source_commit, base)  # somebody may have begun meanwhile
        return {"base": base, "commit": str(request.commit), "rules": head}
    context.say(f"the platform repository moved to {head[:12]}: previewing again")
    if request.is_change and not request.is_proposal:
        own_manifest(context.platform, request, base)  # what somebody wrote into it meanwhile is not lost
    commit = _moved(context, base, head)
    source = base if request.is_retirement else commit
    for path in () if request.is_proposal else request.manifests:  # still nobody else's
        instances_of(context.snapshot(source).repository, path, request.stack)
    if not request.is_retirement:
        placing.check_made(context.platform, source, request)
    if request.is_proposal:
        check_still(context.platform, request, commit=commit, base=base)
    check_unneeded(context.platform, request, source, base)
    approved, kept = previewing.load(context.platform, approval.preview)
    made = previewing.make(context, source, base=base)
    with context.platform.database.begin() as tx:
        before = previews.judgement(tx, request.id, approval.judgement)
        seen = previews.get(tx, request.id, approval.preview)
        previewing.record(tx, context, made)
    after = previewing.judge(context, made.digest, source, base=base)
    now = Definitions(context.platform, request, source, base)
    reasons = _differences(context, now, approved, made.normal) + _stricter(context, before, after)
    reasons += _elsewhere(previewing.targets_of(kept), made.targets)
    reasons += _stricter_rules(context, approval, head)
    was = Definitions(context.platform, request, seen.commit, str(request.base))
    reasons += _other_code(context, was, now, approved) + _rules_gone(context, approval, source)
    reasons += filter(None, [policy_approval.lapsed(context.platform, request, approval, head, after)])
    if reasons:
        return Stop("void", "approval-void", "; ".join(reasons[:10]), instead=made.digest)
    with context.platform.database.begin() as tx:  # the approval goes on holding for the digest it signed
        requests.note(tx, request.id, at=clock.now(), base=base, commit=commit)
    return {"base": base, "commit": commit, "rules": head}


def _moved(context: RunContext, base: str, head: str) -> str:
    """The request's own commit on top of `base`."""
    platform, request = context.platform, context.request
    if request.branch is None or base != head:
        return propose(platform, request, base).commit
    commit = platform.clone().rebase(request.branch, base)
    shared_commits.keep(platform, request.id, request.branch)
    return commit


def _stricter_rules(context: RunContext, approval: Approval, head: str) -> list[str]:
    """Whether the rules of approval ask for more now than was signed."""
    asked = approving.asked_at(context.platform, head, context.request)
    try:
        with context.platform.database.read() as tx:
            approving.check(tx, context.platform, context.request, approval, asked)
    except Conflict:
        return [f"the rules of approval ask for more than was signed ({', '.join(asked.at)})"]
    return []


def _elsewhere(approved: Mapping[str, Target], now: Mapping[str, Target]) -> list[str]:
    """Which instances would be changed in another account, region or endpoint than was approved."""
    changed = ((key, target.differs(now[key])) for key, target in approved.items() if key in now)
    return [f"{key} would be applied somewhere else: {what}" for key, what in changed if what]


def _differences(context: RunContext, now: Definitions, approved: NormalForm, actual: NormalForm) -> list[str]:
    """How what would be done now differs from what was approved, instance by instance.

    Of an instance that this request has applied nothing may be left to do. One that was begun is not looked at here: it
    may be half made, and its own plan is held against the approval before it goes on.
    """
    from gaia.terraform.normal import NormalForm
    from gaia.terraform.refine import refines

    differences: list[str] = []
    for key in actual.parts:
        outputs = Outputs(context.platform.workplace, now.snapshot(str(key)), context.terraform)
        facts = _facts(context, str(key))
        if not facts.begun:
            expected = NormalForm({}, approved.key_id) if facts.finished else approved
            differences += [str(each) for each in refines(expected, actual.part(key), is_set=outputs.is_set)]
    return differences


def _stricter(context: RunContext, before: Judgement, after: Judgement) -> list[str]:
    """What the rules have against it now and had not when it was signed; what was begun is judged later."""
    known = {(previewing.name_of(one), one["effect"], _excuse(one)) for one in before.findings}
    return [
        f"{one['effect']}: {one['message']}"
        for one in after.findings
        if one["effect"] != "warn"
        and (previewing.name_of(one), one["effect"], _excuse(one)) not in known
        and not (one["instance"] and _facts(context, str(one["instance"])).begun)
    ]


def _excuse(finding: Mapping[str, object]) -> str:
    """The value that a waiver excuses: of another one nobody has signed that it may be."""
    return str(finding.get("value")) if finding["effect"] == "waived" else ""


def _other_code(context: RunContext, was: Definitions, now: Definitions, approved: NormalForm) -> list[str]:
    """Components whose code is not what was previewed: a plan shows what is made, not what a provisioner does."""
    changed = (key for key, made in approved.parts.items() if made and not _facts(context, str(key)).begun)
    return [
        f"the code of {key} is another one than was previewed"
        for key in map(str, changed)
        if was.snapshot(key).code([key]) != now.snapshot(key).code([key])
    ]


def _rules_gone(context: RunContext, approval: Approval, source: str) -> list[str]:
    """Rules that were to decide later, as the approval says, and are not there any more."""
    there = {rule.name for rule in context.snapshot(source).policies.about("plan")}
    return [f"the rule {name}, which had to decide later, is gone" for name in sorted(_open_rules(approval) - there)]


def _open_rules(approval: Approval, key: str | None = None) -> frozenset[str]:
    """Names of the rules that could not decide about an instance (or any) when this was signed.

    What a rule about the request could not decide, as whether a budget holds, a person has: no plan tells it later.
    """
    named = (one.split(" ") for one in approval.undecided)  # `previewing.name_of`
    return frozenset(rule for rule, instance, *_ in named if instance != str(None) and key in (None, instance))


def _check_target(kept: Mapping[str, Any], terraform: Terraform, instance: Instance) -> None:
    """What was approved for one account, region or endpoint is not applied in another.

    Raises:
        Conflict: `target-changed`.
    """
    approved = previewing.targets_of(kept).get(str(instance.key))
    if approved is None:  # of a preview from before that was asked
        return
    if changed := approved.differs(target_of(terraform.environ, instance.providers)):
        raise Conflict(
            "target-changed",
            f"{instance.key} would be applied somewhere else than was approved: {changed}",
            next_step="Resume it, to preview it there for somebody to approve. Where two people use profiles of one "
            "account, `allowed_account_ids` in the stack's providers says that it is one.",
        )


def _facts(context: RunContext, key: str) -> Facts:
    from gaia.operations.facts import read_facts
    from gaia.operations.journal import read

    return read_facts(read(journals.of_request(context.platform, context.request.id, key)))


def change(context: RunContext, *, key: str) -> Stop | dict[str, Any]:
    """Apply (or destroy) one instance; recovers by itself when an earlier attempt was killed."""
    if journals.of_undoing(context.platform, context.request.id, key).read():  # nothing is made any more
        return Stop("stopped", "undo-begun", f"{key} was being undone", (key,))
    outcome = _finished(context, key) or _perform(context, key)
    with context.platform.database.begin() as tx:
        remember(tx, context.run, key, outcome)
    if outcome.status == "parked":
        reason = ". ".join(part for part in (outcome.reason.rstrip("."), outcome.next_step) if part)
        return Stop("stopped", outcome.code, context.redact(reason), outcome.left)
    gone = _destroys(context, key) and outcome.status == "applied"
    context.say(f"{key}: {'destroyed' if gone else outcome.status}", instance=key)
    return {"status": outcome.status, "resources": len(outcome.resources)}


def _destroys(context: RunContext, key: str) -> bool:
    return context.request.is_retirement or key in context.request.leaving


def _finished(context: RunContext, key: str) -> Outcome | None:
    """How an earlier run of this request ended with this instance; None while there is something to do."""
    from gaia.operations.instance import finished

    return finished(journals.of_request(context.platform, context.request.id, key))


def _perform(context: RunContext, key: str) -> Outcome:
    from gaia.operations.instance import Outcome

    platform, request = context.platform, context.request
    approval = signed(context)
    definitions = _definitions(context)
    destroy, snapshot, instance = definitions.destroys(key), definitions.snapshot(key), definitions.instance(key)
    terraform = context.terraform()
    outputs = Outputs(platform.workplace, snapshot, lambda: terraform)
    journal = journals.of_request(platform, request.id, key)
    if error := journals.unfinished(platform, [key], but=[journal]):
        return Outcome("parked", error.message, error.code, error.next_step, left=_left(error))
    approved, kept = previewing.load(platform, approval.preview)
    _check_target(kept, terraform, instance)
    if destroy and not journal.read() and not outputs.exists(instance):
        if approved.parts.get(instance.key):
            raise Conflict(
                "state-missing",
                f"{key} has no state where its backend is now, and resources of it were to be destroyed",
                next_step="Look whether its backend, or the account, is another one than at the preview; then resume.",
            )
        return Outcome("unchanged")  # was never made: an earlier request stopped before it

    def say(level: str, message: str, event: Mapping[str, object] | None = None) -> None:
        context.say(message, level=level, instance=key, event=event)

    about, open_rules = policy_input.about(request, [key]), _open_rules(approval, key)
    waivers = partial(previewing.signed_waivers, context, snapshot.commit, key)
    wanted = InstanceChange(snapshot, instance, journal, approved, about, destroy, open_rules, waivers=waivers)
    with watched(platform.database, request.repository, key, context.run.id, context.interrupt) as lease_of_it:
        outcome = apply_instance(platform.workplace, wanted, terraform=terraform, outputs=outputs, say=say)
    return lease_of_it.judged(outcome)


def _left(error: Conflict) -> tuple[str, ...]:
    left = error.facts["left"]
    return tuple(str(one) for one in left) if isinstance(left, list) else ()
