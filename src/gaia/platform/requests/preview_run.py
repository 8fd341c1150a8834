"""The first run of a request: admit, render, resolve, preview, judge; then it waits for a person or a policy."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gaia.kit import clock
from gaia.platform.engine.steps import PREVIEW_STEPS, Step, Stop
from gaia.platform.instances import policy_input
from gaia.platform.instances.definitions import Definitions, leftovers
from gaia.platform.instances.dependents import check_unneeded
from gaia.platform.requests import orders, previewing
from gaia.platform.requests.changing import settle
from gaia.platform.requests.proposals import touched
from gaia.platform.services import live_services, placing
from gaia.records import requests

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from gaia.platform.context import RunContext
    from gaia.policy.model import Finding
    from gaia.records.model import Request
    from gaia.stacks.model import Instance

_NO_NO = ("warn", "waived")
"""Effects that hold nothing up."""


def steps(_request: Request) -> tuple[Step, ...]:
    """What the steps of a preview do."""
    work = (admit, render, resolve, preview, judge)
    return tuple(Step(name, does) for name, does in zip(PREVIEW_STEPS, work, strict=True))


def admit(context: RunContext) -> Stop | None:
    """Ask the platform's policies whether this may be requested at all (subject `request`)."""
    from gaia.policy.judge import judge as ask
    from gaia.policy.waivers import UNUSED

    base = context.platform.clone().fetch()
    request = context.request
    placing.check(context.platform, base, request)
    if request.is_change and not request.is_proposal:
        request = settle(context.platform, request, base)
    with context.platform.database.read() as tx:
        services = live_services.others(tx, request)
    snapshot = context.snapshot(base)
    findings: tuple[Finding, ...] = ()
    for number, wish in enumerate(orders.alone(request)):
        asked = policy_input.request_input(wish, services + number)
        said = ask(snapshot.policies, "request", asked, engine=context.platform.policy_engine())
        findings += previewing.excused_request(wish, said, snapshot.waivers)
    # Which waiver excuses nothing is known when budgets and quotas have been asked, and not before.
    findings = tuple(one for one in findings if one.rule != UNUSED)
    denied = [finding for finding in findings if finding.effect not in _NO_NO]
    for one in findings:
        if one.effect in _NO_NO:  # `previewing.judge` puts it among the findings
            context.say(_told(one), level="warn")
    if denied:
        return Stop("denied", "request-denied", "; ".join(map(_told, denied)))
    context.say(f"admitted: {request.kind} {request.service} in {request.stack}")
    return None


def render(context: RunContext) -> dict[str, Any]:
    """Write the change onto a branch of Gaia's own clone: one manifest added, changed, or removed.

    What puts a service back changes no file: it is about what is published.
    """
    from gaia.platform.requests.rendering import ground, propose

    request = context.request
    base = ground(context.platform, request, context.platform.clone().fetch())
    made = propose(context.platform, request, base)
    with context.platform.database.begin() as tx:
        requests.note(
            tx,
            request.id,
            at=clock.now(),
            branch=made.branch,
            base=base,
            commit=made.commit,
            manifest=made.draft.manifest,
            origins=made.draft.origins,
        )
    named = made.draft.manifest or ", ".join(made.draft.files)
    context.say(f"rendered {named} on {made.branch}" if made.branch else f"{named} as published in {base[:12]}")
    return {"base": base, "commit": made.commit}


def resolve(context: RunContext) -> Stop | dict[str, Any]:
    """Find the instances that the manifest defines or, of a change, defined; and their order, dependencies first."""
    from gaia.platform.requests.rendering import instances_of

    request = context.request
    parts = request.parts
    if not request.is_retirement:
        placing.check_made(context.platform, context.source_commit, request)
    if request.is_proposal:
        instances, gone_ones = touched(context.platform, request, commit=str(request.commit), base=str(request.base))
        gone = _ordered(gone_ones)
    else:
        repository = context.snapshot(context.source_commit).repository
        with _at_the_template(context):
            defined = {path: instances_of(repository, path, request.stack) for path in request.manifests}
        instances = [one for found in defined.values() for one in found]
        gone = _leaving(context, instances)
        parts = tuple({**part, "instances": _ordered(defined[part["manifest"]])} for part in parts)
    if denied := _manifests_denied(context, instances):
        return Stop("denied", "policy-denied", "; ".join(denied))
    ordered = _ordered(instances)
    leaving = gone if request.is_change else ()
    destroyed = replace(request, instances=(*ordered, *gone), leaving=leaving)
    check_unneeded(context.platform, destroyed, context.source_commit, str(request.base))
    with context.platform.database.begin() as tx:
        requests.note(tx, request.id, at=clock.now(), instances=(*ordered, *gone), leaving=leaving, parts=parts)
    context.say("resolved " + ", ".join(ordered) + (f"; leaving {', '.join(leaving)}" if leaving else ""))
    return {"instances": len(ordered)}


def _ordered(instances: Sequence[Instance]) -> tuple[str, ...]:
    """By name, dependencies first."""
    from gaia.graph import order

    return tuple(str(key) for level in order(instances) for key in level)


def _leaving(context: RunContext, staying: Sequence[Instance]) -> tuple[str, ...]:
    """Instances that the service has, or may have of a change that was not finished, and that its manifest has not."""
    from gaia.platform.requests.rendering import instances_of, own_manifest

    request, base = context.request, str(context.request.base)
    known = {str(one.key) for one in staying}
    had = [*leftovers(context.platform, request)] if request.follows else []
    if request.is_change:
        manifest = own_manifest(context.platform, request, base)
        had += [str(one.key) for one in instances_of(context.snapshot(base).repository, manifest, request.stack)]
    gone = tuple(key for key in dict.fromkeys(had) if key not in known)
    if not gone:
        return ()
    defined = Definitions(context.platform, replace(request, leaving=gone), str(context.source_commit), base)
    return _ordered([defined.instance(key) for key in gone])


def _manifests_denied(context: RunContext, instances: Sequence[Instance]) -> list[str]:
    """What the rules about manifests have against them. An undecided one is a no: nothing asks again before the apply.

    A retirement is not held up by how things should have been.
    """
    from gaia.policy.manifests import excuse, manifest_findings

    if context.request.is_retirement:
        return []
    policies = context.snapshot(context.source_commit).policies
    excused = excuse(lambda: previewing.waivers_of(context, context.source_commit))
    findings = manifest_findings(policies, instances, context.platform.policy_engine(), excused=excused)
    said = [(one.effect, f"{where.key}: {_told(one)}") for where, one in findings]
    for effect, text in said:
        if effect in _NO_NO:
            context.say(text, level="warn")
    return [text for effect, text in said if effect not in _NO_NO]


def _told(finding: Finding) -> str:
    """With whose word excuses it, else with what a waiver would name."""
    value = f" ({finding.rule}, value {finding.value})" if finding.effect == "deny" and finding.value else ""
    return f"{finding.title}: {finding.message}" + (f" (waived by {finding.waiver})" if finding.waiver else value)


def preview(context: RunContext) -> Stop | dict[str, Any]:
    """Plan all instances as one, and keep the normal form under its digest."""
    made = _make(context)
    context.say(f"previewed: {made.summary}")
    if context.request.puts_back and not any(made.normal.parts.values()):
        return Stop("stopped", "nothing-to-put-back", "all is as it is published: there is nothing to put back")
    return {"digest": made.digest}


def _at_the_template(context: RunContext) -> AbstractContextManager[None]:
    """An error at a line of the rendered manifest is one at the template's."""
    from gaia.platform.requests.rendering import Wanted, at_the_template, template_lines

    request, base = context.request, context.request.base
    if request.kind in ("retire", "reconcile") or not request.template or base is None:  # was rendered by another
        return nullcontext()
    return at_the_template(request.manifest, template_lines(context.snapshot(base), Wanted.of(request)))


def _make(context: RunContext) -> previewing.Made:
    with _at_the_template(context):
        made = previewing.make(context, context.source_commit)
    with context.platform.database.begin() as tx:
        previewing.record(tx, context, made)
        requests.note(tx, context.request.id, at=clock.now(), preview=made.digest)
    return made


def judge(context: RunContext) -> Stop | dict[str, Any]:
    """Policies and cost of the preview; a deny ends the request."""
    from gaia.policy.wording import sentences

    digest = str(context.request.preview)
    if not previewing.has_plans(context):  # they were cleaned away while nobody went on with the run
        digest = _make(context).digest
    judgement = previewing.judge(context, digest, context.source_commit)
    if judgement.verdict == "denied":
        against = [one for one in judgement.findings if one["effect"] == "deny"]
        denied = sentences(("", str(one.get("address") or ""), str(one["message"])) for one in against)
        return Stop("denied", "policy-denied", "; ".join(denied))
    if waived := sum(one["effect"] == "waived" for one in judgement.findings):
        context.say(f"waived, so not against it: {waived}", level="warn")
    context.say(
        f"judged: {judgement.verdict}" + (f", decided later: {len(judgement.undecided)}" if judgement.undecided else "")
    )
    return {"judgement": judgement.digest, "verdict": judgement.verdict}
