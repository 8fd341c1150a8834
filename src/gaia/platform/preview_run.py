"""The first run of a request: admit, render, resolve, preview, judge; then it waits for a person or a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.kit import clock
from gaia.platform import document, previewing, standing, trees
from gaia.platform.steps import At, Step, Stop, carry_out
from gaia.records import requests

if TYPE_CHECKING:
    from gaia.platform.engine import StepCaller
    from gaia.platform.parts import Parts


def run(parts: Parts, run_id: str, call: StepCaller) -> None:
    """Carry out one preview run."""
    from gaia.platform.settle import settle_preview

    steps = (
        Step("admit", admit),
        Step("render", render),
        Step("resolve", resolve),
        Step("preview", preview),
        Step("judge", judge),
    )
    carry_out(parts, run_id, call, steps, settle_preview)


def admit(at: At) -> Stop | None:
    """Ask the platform's policies whether this may be requested at all (subject `request`)."""
    from gaia.policy.judge import PolicySet
    from gaia.policy.judge import judge as ask

    base = at.parts.clone().fetch()
    policies = PolicySet.load(trees.export(at.parts, base) / "policies")
    with at.parts.database.begin() as tx:
        services = standing.count(tx, at.request.repository, at.request.stack)
    asked = document.request_document(at.request, services)
    findings = ask(policies, "request", asked, engine=at.parts.engine())
    denied = [finding for finding in findings if finding.effect != "warn"]
    if denied:
        return Stop("denied", "request-denied", "; ".join(f"{one.title}: {one.message}" for one in denied))
    at.say(f"admitted: {at.request.kind} {at.request.service} in {at.request.stack}")
    return None


def render(at: At) -> dict[str, Any]:
    """Write the change onto a branch of Gaia's own clone: one manifest added, or removed for a retirement."""
    from gaia.platform.rendering import ground, propose

    request = at.request
    base = ground(at.parts, request, at.parts.clone().fetch())
    made = propose(at.parts, request, base)
    with at.parts.database.begin() as tx:
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
    at.say(f"rendered {made.draft.manifest} on {made.branch}")
    return {"base": base, "commit": made.commit}


def resolve(at: At) -> dict[str, Any]:
    """Find the instances that the manifest defines, and their order, dependencies first."""
    from gaia.errors import Invalid
    from gaia.graph import order

    request = at.request
    repository = trees.open_at(at.parts, source_commit(at))
    keys = repository.instances_of(request.manifest)
    elsewhere = [str(key) for key in keys if key.stack != request.stack]
    if elsewhere or not keys:
        raise Invalid(
            "manifest-elsewhere",
            f"{request.manifest} defines {', '.join(elsewhere) or 'no instance'}, not instances of {request.stack}",
            next_step="The platform team has to mend the template.",
        )
    levels = order(repository.instance(key.component, key.stack) for key in keys)
    ordered = [str(key) for level in levels for key in level]
    with at.parts.database.begin() as tx:
        requests.note(tx, request.id, at=clock.now(), instances=tuple(ordered))
    at.say("resolved " + ", ".join(ordered))
    return {"instances": len(ordered)}


def preview(at: At) -> dict[str, Any]:
    """Plan all instances as one, and keep the normal form under its digest."""
    made = previewing.make(at, source_commit(at))
    with at.parts.database.begin() as tx:
        previewing.record(tx, at, made)
    at.say(f"previewed: {made.summary}")
    return {"digest": made.digest}


def judge(at: At) -> Stop | dict[str, Any]:
    """Policies and cost of the preview; a deny ends the request."""
    judgement = previewing.judge(at, source_commit(at))
    if judgement.verdict == "denied":
        denied = [str(one["message"]) for one in judgement.findings if one["effect"] == "deny"]
        return Stop("denied", "policy-denied", "; ".join(denied))
    at.say(
        f"judged: {judgement.verdict}" + (f", decided later: {len(judgement.undecided)}" if judgement.undecided else "")
    )
    return {"judgement": judgement.digest, "verdict": judgement.verdict}


def source_commit(at: At) -> str:
    """The commit whose stacks describe the instances: a retirement's branch has lost them, its base has not."""
    commit = at.request.base if at.request.kind == "retire" else at.request.commit
    if commit is None:
        raise RuntimeError(at.request.id)
    return commit
