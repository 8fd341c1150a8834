"""Making, keeping and judging the preview of a request. The normal form is kept, never terraform's plan JSON."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from gaia.errors import Conflict, Invalid, Next, NotFound, Unavailable
from gaia.kit import canonical, clock
from gaia.platform.instances import policy_input
from gaia.platform.instances.planning import defined, folder_of, plan_together
from gaia.platform.requests import orders
from gaia.platform.services import live_services
from gaia.platform.target import Target, seen_in, target_of
from gaia.records import previews

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.platform.context import PlatformContext, RunContext
    from gaia.policy.model import Effect, Finding
    from gaia.policy.waivers import Waiver, Waivers
    from gaia.records.database import Transaction
    from gaia.records.model import Judgement, Request
    from gaia.stacks.model import Instance
    from gaia.terraform.command import Terraform
    from gaia.terraform.normal import NormalForm
    from gaia.terraform.preview import Preview


_LISTED: tuple[Effect, ...] = ("deny", "warn")
"""Of what was let in: a deny only where it is waived."""


@dataclass(frozen=True, slots=True)
class Made:
    """A preview as it was just made."""

    digest: str
    commit: str
    normal: NormalForm
    targets: Mapping[str, Target]
    """Where each instance would be changed."""
    summary: str


def make(context: RunContext, commit: str, *, base: str = "") -> Made:
    """Plan all instances of the request as one and keep the result under its digest.

    What a change destroys is planned by itself, as it is at `base`, the request's own if that is not given.

    Raises:
        ToolFailed: terraform's own words. Unavailable: terraform, a provider or the sandbox is missing. Refused:
            `account-wrong`, `account-unknown`. Conflict: `state-misplaced`, `state-shared`, `state-lineage`;
            `not-previewable`, an instance needs what does not exist yet: nobody could see what they approve.
    """
    from gaia.terraform.aws_account import check_account
    from gaia.terraform.normal import NormalForm
    from gaia.terraform.workdir import code_of

    definitions = defined(context, commit, base)
    parts = definitions.parts(context.request.instances)
    terraform = context.terraform()  # found once, before the readers all look for it
    for part in parts:  # before anything is planned
        for instance in part.instances:
            check_account(
                instance,
                terraform.environ,
                code=code_of(instance, part.snapshot.tree, part.snapshot.components),
                tofu=terraform.tool.flavor == "tofu",
            )
    made = plan_together(context, parts, terraform)
    normal = NormalForm.of(made.parts, context.platform.key, hide=context.redact.knows)
    _keep_plans(context, {str(key): part.raw for key, part in made.parts.items()})
    targets = {str(one.key): _target(terraform, one, made) for part in parts for one in part.instances}
    digest = _keep_document(context, made, normal, targets)
    actions = Counter("/".join(change.actions) for changes in normal.parts.values() for change in changes)
    summary = ", ".join(f"{count} to {action}" for action, count in sorted(actions.items())) or "no change"
    return Made(digest, commit, normal, targets, summary)


def _target(terraform: Terraform, instance: Instance, made: Preview) -> Target:
    """Where the instance would be changed; the account as the plan met it, where the configuration does not say."""
    target = target_of(terraform.environ, instance.providers)
    plan = made.parts.get(instance.key)
    return seen_in(target, [one.before for one in plan.resources] if plan else ())


def _keep_document(context: RunContext, made: Preview, normal: NormalForm, targets: Mapping[str, Target]) -> str:
    kept: dict[str, Any] = {
        "normal": normal.as_json(),
        "alone": [[str(key), reason] for key, reason in made.alone],
        "targets": {key: target.as_json() for key, target in targets.items()},
        "reasons": normal.reasons(),
    }
    if context.request.on_failure != "park":
        kept["on_failure"] = context.request.on_failure
    digest = digest_of(kept)
    context.platform.documents.put("preview", document_name(digest), canonical.dumps(kept))
    return digest


def digest_of(kept: Mapping[str, Any]) -> str:
    """What is signed of a preview: what would change, where, what was previewed alone, and what becomes of a failure.

    A preview from before targets were asked is its normal form alone.
    """
    if "targets" not in kept:
        return canonical.digest(kept["normal"])
    places = {key: Target(**target).place for key, target in kept["targets"].items()}
    more = {name: kept[name] for name in ("on_failure",) if name in kept}
    return canonical.digest({"normal": kept["normal"], "alone": kept["alone"], "targets": places, **more})


def targets_of(kept: Mapping[str, Any]) -> dict[str, Target]:
    """Where each instance of a preview would be changed; nothing of a preview from before that was asked."""
    return {key: Target(**target) for key, target in kept.get("targets", {}).items()}


def record(tx: Transaction, context: RunContext, made: Made) -> None:
    """Write down that the request has this preview; which one is current is for the caller to say."""
    previews.add(tx, context.request, made.digest, key=context.platform.key, commit=made.commit, at=clock.now())


def judge(context: RunContext, digest: str, commit: str, *, base: str = "") -> Judgement:
    """Ask policies and price book about the plans that `make` left, and write down how this preview was judged.

    The verdict is about the plans, and about budgets and quotas, which are those of `base` (of the request's own, where
    none is given); what other rules warn of is listed with it.

    The plans stay until the run ends, for this may be tried again: `forget_plans`.
    """
    from gaia.cost.combine import combine
    from gaia.policy.judge import judge_each
    from gaia.policy.waivers import waive

    plans = _plans(context)
    policies, engine = context.snapshot(commit).policies, context.platform.policy_engine()
    waivers, costs = waivers_of(context, commit), _costs(context, plans, commit)
    cost = combine(list(costs.values()))
    findings = _of_request(context, cost, base or str(context.request.base)) + _of_manifests(context, commit)
    asked = [
        policy_input.plan_input(plan, policy_input.about(context.request, [key]), "preview", costs[key])
        for key, plan in plans.items()
    ]
    for (key, plan), said in zip(plans.items(), judge_each(policies, "plan", asked, engine=engine), strict=True):
        found = waive(said, waivers, key, plan, clock.now().date())
        findings += [{**finding.as_json(), "instance": key} for finding in found]
    findings = cast("list[dict[str, object]]", context.redact.data(findings))
    with context.platform.database.begin() as tx:
        return previews.add_judgement(
            tx,
            previews.get(tx, context.request.id, digest),
            findings=tuple(findings),
            undecided=tuple(sorted(name_of(one) for one in findings if one["effect"] == "undecided")),
            cost=cost,
            policies=policies.digest,
            verdict=verdict_of(findings),
            at=clock.now(),
        )


def waivers_of(context: RunContext, commit: str) -> Waivers:
    """Those that the branch has without the request: what comes with a change does not excuse it."""
    from gaia.policy.waivers import Waivers

    base = context.snapshot(str(context.request.base))
    return Waivers.of(context.snapshot(commit).waivers, base.waivers)


def signed_waivers(context: RunContext, commit: str, key: str) -> Waivers:
    """Of those, what the current judgement lists as waived at an instance: an approver has read whose word it is."""
    with context.platform.database.read() as tx:
        judgement = previews.latest_judgement(tx, context.request.id, str(context.request.preview))
    found = judgement.findings if judgement else ()
    signed = {one.get("value") for one in found if one["effect"] == "waived" and one["instance"] == key}
    waivers = waivers_of(context, commit)
    return replace(waivers, counted=tuple(one for one in waivers.counted if one.value in signed))


def excused_request(request: Request, findings: Sequence[Finding], waivers: Sequence[Waiver]) -> tuple[Finding, ...]:
    """What rules say of a request, as the waivers of the branch make it."""
    from gaia.policy.waivers import Waivers, waive

    place = f"{request.stack}/{request.service}"
    return waive(findings, Waivers(tuple(waivers)), place, {}, clock.now().date(), "request")


def _of_request(context: RunContext, cost: Mapping[str, object], commit: str) -> list[dict[str, object]]:
    """What rules say of the request: what they warned of when it was let in, what is waived, and what its cost adds.

    They are asked again, for steps hand on no texts, and waived once: only with what budgets and quotas have against it
    is it known which waiver excuses nothing. Budgets, quotas and waivers are those of the branch at `commit`.
    """
    from gaia.policy.judge import judge as ask

    request, engine = context.request, context.platform.policy_engine()
    with context.platform.database.read() as tx:
        services = live_services.others(tx, request)
    wishes = [replace(one, instances=()) for one in orders.alone(request)]  # as they were when they were let in
    asked = [policy_input.request_input(one, services + number) for number, one in enumerate(wishes)]
    policies = context.snapshot(str(request.base)).policies
    said = [one for each in asked for one in ask(policies, "request", each, engine=engine, effects=_LISTED)]
    added = _spending(context, cost, services, commit)
    found = excused_request(request, (*said, *added), context.snapshot(commit).waivers)
    return [{**one.as_json(), "instance": None} for one in found if one.effect != "deny" or one in added]


def _of_manifests(context: RunContext, commit: str) -> list[dict[str, object]]:
    """What rules about its manifests warn of, and what is waived, for the approver to see.

    A retirement's manifests are no more asked here than when it was let in.
    """
    from gaia.policy.manifests import excuse, manifest_findings

    if context.request.is_retirement:
        return []
    snapshot, engine = context.snapshot(commit), context.platform.policy_engine()
    found = manifest_findings(
        snapshot.policies,
        snapshot.instances(context.request.staying),
        engine,
        _LISTED,
        excuse(lambda: waivers_of(context, commit)),
    )
    return [{**one.as_json(), "instance": str(where.key)} for where, one in found if one.effect != "deny"]


def _spending(context: RunContext, cost: Mapping[str, object], services: int, commit: str) -> tuple[Finding, ...]:
    """What rules about the request say because of what it costs and takes up: budgets and quotas, of the branch.

    They were asked before anything was previewed, and what they said then is not said again: what they read may have
    changed since, by this very request.
    """
    from gaia.cost.declared import RULES
    from gaia.platform.services import spending
    from gaia.policy.judge import judge_each
    from gaia.policy.model import EFFECTS

    request, base = context.request, context.snapshot(commit)
    if request.is_retirement or request.puts_back or not base.declared:
        return ()
    with context.platform.database.read() as tx:
        if spending.takes_no_more(tx, request, cost):
            return ()
        ledger = (
            *spending.footprints(tx, request.repository, but=request.id),
            spending.of_request(request, cost, "asked"),
        )
    told = spending.input_of(base.declared, ledger, clock.now())
    plain = replace(request, instances=())
    asked = [policy_input.request_input(plain, services), policy_input.request_input(plain, services, told)]
    before, after = judge_each(
        base.policies, "request", asked, engine=context.platform.policy_engine(), effects=EFFECTS
    )
    added = tuple(one for one in after if one not in before)
    beyond = any(one["verdict"] == "deny" for name in ("budgets", "quotas") for one in told[name])
    if beyond and request.is_change and not any(one.rule in RULES for one in added):
        context.say(
            "it goes beyond a budget or a quota, and no rule of the repository holds a change to it", level="warn"
        )
    return added


def name_of(finding: Mapping[str, object]) -> str:
    """How a finding is named in what is signed: `RULE INSTANCE ADDRESS`."""
    return f"{finding['rule']} {finding['instance']} {finding['address']}"


def verdict_of(findings: list[dict[str, object]]) -> Any:  # noqa: ANN401 - a Literal of records
    """`denied` beats `undecided` beats `allowed`."""
    effects = {str(finding["effect"]) for finding in findings}
    return "denied" if "deny" in effects else "undecided" if "undecided" in effects else "allowed"


def load(platform: PlatformContext, digest: str) -> tuple[NormalForm, dict[str, Any]]:
    """The normal form kept under a digest, and the whole document. It is what the digest says, or an error.

    Raises:
        Unavailable: `preview-damaged` when it is gone, cannot be read, or says something else than what was made.
    """
    from gaia.terraform.normal import NormalForm

    try:
        kept: dict[str, Any] = json.loads(platform.documents.get("preview", document_name(digest)))
        normal = NormalForm.from_json(kept["normal"]).explained(kept.get("reasons", {}))
        why = "" if digest_of(kept) == digest and "alone" in kept else "it was changed since it was made"
    except (NotFound, ValueError, KeyError, TypeError, AttributeError, Invalid) as error:
        why = str(error)
    if why:
        raise Unavailable(
            "preview-damaged",
            f"the preview {digest} cannot be used: {why}",
            next_step="Restore it from a backup, or reject the request and ask again.",
            facts={"digest": digest},
        )
    return normal, kept


def undoes(platform: PlatformContext, digest: str) -> bool:
    """Whether what was made is undone where the rest cannot be, as this preview says; not if nobody can read it."""
    try:
        return _failing(load(platform, digest)[1]) == "undo"
    except Unavailable:
        return False


def check_terms(platform: PlatformContext, request: Request) -> None:
    """Pass where the request says the same as its preview, which is what is signed: people read both.

    Raises:
        Unavailable: `preview-damaged`. Conflict: `request-changed`.
    """
    if _failing(load(platform, str(request.preview))[1]) != request.on_failure:
        raise Conflict(
            "request-changed",
            f"request {request.id} says something else than its preview of what becomes of it where it fails",
            next_step=Next("reject", request.id, "Reject it, then ask again", options=("--reason", "changed")),
        )


def _failing(kept: Mapping[str, Any]) -> str:
    return str(kept.get("on_failure", "park"))


def document_name(digest: str) -> str:
    """What the document of a preview is called in the store."""
    return digest.partition(":")[2]


def has_plans(context: RunContext) -> bool:
    """Whether the plans that `make` left are still there."""
    return context.platform.documents.exists("plans", context.run.id)


def forget_plans(context: RunContext) -> None:
    """Remove the plans of a run that ends: they hold secrets. Doing it again is no error."""
    context.platform.documents.delete("plans", context.run.id)
    shutil.rmtree(folder_of(context), ignore_errors=True)


def _keep_plans(context: RunContext, plans: Mapping[str, Mapping[str, object]]) -> None:
    """Until the run ends, sealed with the repository's key."""
    context.platform.documents.put("plans", context.run.id, json.dumps(plans).encode())


def _plans(context: RunContext) -> dict[str, dict[str, Any]]:
    plans: dict[str, dict[str, Any]] = json.loads(context.platform.documents.get("plans", context.run.id))
    return plans


def _costs(context: RunContext, plans: dict[str, dict[str, Any]], commit: str) -> dict[str, dict[str, Any]]:
    """Infracost JSON of each plan."""
    from gaia.platform.instances.estimates import estimate_of

    definitions = defined(context, commit)
    return {key: estimate_of(definitions.snapshot(key), definitions.instance(key), plan) for key, plan in plans.items()}
