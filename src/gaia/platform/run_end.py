"""How a run and its request end: the last step of each run, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Unavailable
from gaia.kit import clock
from gaia.platform import live_services, previewing
from gaia.platform.acting import ENGINE
from gaia.platform.queueing import queue_apply
from gaia.platform.steps import PREVIEW_STEPS
from gaia.records import approvals, leases, previews, requests, runs

if TYPE_CHECKING:
    from gaia.platform.context import RunContext
    from gaia.platform.steps import Stop
    from gaia.records.database import Transaction
    from gaia.records.model import Judgement, RequestStatus

POLICY = "policy"


def end_preview(context: RunContext, stop: Stop | None) -> None:
    """After a preview: a person decides, or a policy has; a stopped one ends the request, unless it was interrupted."""
    previewing.forget_plans(context)
    if stop is not None and stop.code == "interrupted":  # nothing was changed: another run previews it from the start
        with context.platform.database.begin() as tx:
            if not _ended(tx, context):
                runs.move(tx, context.run.id, ["running"], "failed", at=clock.now(), reason=stop.reason, code=stop.code)
                runs.add(tx, requests.get(tx, context.request.id), "preview", PREVIEW_STEPS, at=clock.now())
        return
    if stop is not None:
        status: RequestStatus = "denied" if stop.end == "denied" else "failed"
        with context.platform.database.begin() as tx:
            if _ended(tx, context):
                return
            runs.move(tx, context.run.id, ["running"], "failed", at=clock.now(), reason=stop.reason, code=stop.code)
            requests.move(tx, context.request.id, ["submitted"], status, at=clock.now(), reason=stop.reason)
            _note(tx, context, status, code=stop.code)
        return
    approved = _approved_by_policy(context)
    with context.platform.database.begin() as tx:
        if _ended(tx, context):
            return
        runs.move(tx, context.run.id, ["running"], "done", at=clock.now())
        if approved is not None:
            _approve(tx, context, approved)
        else:
            requests.move(tx, context.request.id, ["submitted"], "waiting", at=clock.now())
            _note(tx, context, "waiting")


def _approved_by_policy(context: RunContext) -> Judgement | None:
    """The judgement that a policy approves of; None: a person decides."""
    from gaia.platform import policy_input
    from gaia.policy.judge import auto_approved

    with context.platform.database.read() as tx:
        try:
            judgement = previews.latest_judgement(tx, context.request.id, str(context.request.preview))
        except Unavailable as error:  # a person is told the same, and decides; an end that fails is tried for ever
            if error.code != "judgement-damaged":
                raise
            context.say(f"no policy was asked to approve: {error.message}", level="warn")
            return None
        owner = live_services.by_name(tx, context.request.repository).get(
            (context.request.stack, context.request.service)
        )
    if judgement is None or judgement.verdict != "allowed":
        findings = judgement.findings if judgement else ()
        rules = sorted({f"{one['title']} ({one['rule']})" for one in findings if one["effect"] == "undecided"})
        if rules:
            context.say(f"no policy is asked to approve, for these rules are undecided: {', '.join(rules)}")
        return None
    asker = owner.requester if owner else None
    asked = policy_input.approval_input(context.request, asker, judgement.findings, judgement.cost)
    if asked["cost"].get("partial"):
        context.say("the cost is not wholly known, so no policy can approve by it")
    try:
        policies = context.snapshot(context.source_commit).policies
        return judgement if auto_approved(policies, asked, engine=context.platform.policy_engine()) else None
    except GaiaError as error:  # no policy said yes
        context.say(f"no policy could be asked to approve: {error.message}", level="warn")
        return None


def _approve(tx: Transaction, context: RunContext, judgement: Judgement) -> None:
    """Write down that a policy approved, and queue the application in the same transaction."""
    now = clock.now()
    approvals.decide(tx, judgement, "approved", person=None, key=context.platform.key, at=now)
    moved = requests.move(tx, context.request.id, ["submitted"], "applying", at=now)
    queue_apply(tx, moved, at=now)
    _note(tx, context, "approved", actor=POLICY)


def end_apply(context: RunContext, stop: Stop | None) -> None:
    """After an application: done, parked with what is left, or back to a person: the approval no longer holds."""
    previewing.forget_plans(context)
    now = clock.now()
    with context.platform.database.begin() as tx:
        if _ended(tx, context):
            return
        leases.release_all(tx, context.request.id, at=now)
        if stop is None:
            runs.move(tx, context.run.id, ["running"], "done", at=now)
            requests.move(tx, context.request.id, ["applying"], "done", at=now)
            _note(tx, context, "done")
            if context.request.is_retirement:
                _end_parked(tx, context)
        elif stop.end == "void":
            runs.move(tx, context.run.id, ["running"], "failed", at=now, reason=stop.reason, code=stop.code)
            approvals.void(tx, context.request.id, stop.reason, at=now)
            requests.move(
                tx, context.request.id, ["applying"], "waiting", at=now, reason=stop.reason, preview=stop.instead
            )
            _note(tx, context, "approval-void", code=stop.code)
        else:
            left = stop.left or _undone(tx, context)
            runs.move(tx, context.run.id, ["running"], "parked", at=now, reason=stop.reason, code=stop.code, left=left)
            requests.move(tx, context.request.id, ["applying"], "parked", at=now, reason=stop.reason)
            _note(tx, context, "parked", code=stop.code)


def _end_parked(tx: Transaction, context: RunContext) -> None:
    """What was parked on the way to a service that is gone would make it again, or half of it: nothing is resumed."""
    mine = context.request
    for one in requests.find(tx, mine.repository, stack=mine.stack, services=[mine.service], statuses={"parked"}):
        requests.move(tx, one.id, ["parked"], "failed", at=clock.now(), reason=f"the service was retired: {mine.id}")
        _note(tx, replace(context, request=one), "retired")


def _undone(tx: Transaction, context: RunContext) -> tuple[str, ...]:
    return tuple(step.step for step in runs.steps_of(tx, context.run.id) if step.state != "done")


def _ended(tx: Transaction, context: RunContext) -> bool:
    """Whether an earlier try of this step got as far as the commit."""
    return runs.get(tx, context.run.id).status not in ("queued", "running")


def _note(tx: Transaction, context: RunContext, action: str, *, actor: str = ENGINE, code: str = "") -> None:
    request = context.request
    facts = {"run": context.run.id, "preview": request.preview, "commit": request.commit, "code": code}
    context.platform.audit.note(tx, actor, f"request.{action}", request.id, facts, where=request)
