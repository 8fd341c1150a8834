"""How a run and its request end: the last step of each run, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from gaia.errors import Conflict
from gaia.kit import clock
from gaia.platform.acting import ENGINE
from gaia.platform.approvals import approving, policy_approval, reserving, signers
from gaia.platform.engine.steps import CANCELLED, PREVIEW_STEPS
from gaia.platform.expiry import expiry
from gaia.platform.model import APPROVES
from gaia.platform.requests import orders, previewing, shared_commits, waiting
from gaia.platform.requests.changing import begin_next
from gaia.platform.services import live_services
from gaia.records import approvals, leases, lifetimes, requests, runs
from gaia.records.model import UNDONE

if TYPE_CHECKING:
    from gaia.access.approval_rules import Asked
    from gaia.platform.context import RunContext
    from gaia.platform.engine.steps import Stop
    from gaia.records.database import Transaction
    from gaia.records.model import Request, RequestStatus


def end_preview(context: RunContext, stop: Stop | None) -> None:
    """After a preview: a person decides, or a policy has; a stopped one ends the request, unless it was interrupted.

    What a policy would have destroyed by itself waits until its requester has seen the plan.
    """
    previewing.forget_plans(context)
    if context.run.cancelled and stop is None:  # too late to end it, but nothing goes on by itself
        stop = CANCELLED
    if stop is not None and stop.code == "interrupted":  # nothing was changed: another run previews it from the start
        with context.platform.database.begin() as tx:
            if not _ended(tx, context):
                runs.move(tx, context.run.id, ["running"], "failed", at=clock.now(), reason=stop.reason, code=stop.code)
                runs.add(tx, requests.get(tx, context.request.id), "preview", PREVIEW_STEPS, at=clock.now())
        return
    if stop is not None:
        status: RequestStatus = (
            "denied" if stop.end == "denied" else "rejected" if stop.code == CANCELLED.code else "failed"
        )
        with context.platform.database.begin() as tx:
            if _ended(tx, context):
                return
            runs.move(tx, context.run.id, ["running"], "failed", at=clock.now(), reason=stop.reason, code=stop.code)
            requests.move(tx, context.request.id, ["submitted"], status, at=clock.now(), reason=stop.reason)
            _note(tx, context, status, code=stop.code)
            begin_next(tx, context.platform, context.request)
        return
    if expiry.is_expiry(context.request):
        _end_of_time(context)
        return
    say = partial(context.say, level="warn")
    asked = approving.asked_now(context.platform, context.request, say)
    judgement = policy_approval.approved(context.platform, context.request, say, asked)
    declared = reserving.declared_now(context.platform, say) if judgement else None
    with context.platform.database.begin() as tx:
        if _ended(tx, context):
            return
        lapsed = signers.cannot_ask(tx, context.request) if judgement else ""
        judgement = None if lapsed else judgement
        by_itself = None if context.request.is_retirement or declared is None else judgement
        if by_itself and declared and reserving.without_room(tx, declared, context.request, by_itself):
            by_itself = None  # a person is told so, and decides
        code = APPROVES if judgement and not by_itself else ""
        runs.move(tx, context.run.id, ["running"], "done", at=clock.now(), code=code)
        if by_itself is not None:
            policy_approval.approve(tx, context.platform, context.request, by_itself, run=context.run.id, code="")
        else:
            _wait(tx, context, asked, reason=lapsed)
            _note(tx, context, "waiting")


def _end_of_time(context: RunContext) -> None:
    """What the engine asked for goes on where the signature that stated the time to live stands for it."""
    asked = approving.asked_now(context.platform, context.request, partial(context.say, level="warn"))
    found = expiry.grounds(context, asked)
    try:
        if not isinstance(found, str):
            with context.platform.database.begin() as tx:
                if not _ended(tx, context):
                    _expire(tx, context, found)
            return
    except Conflict as error:  # somebody works on an instance of it
        found = error.message
    context.say(f"a person decides: {found}", level="warn")
    with context.platform.database.begin() as tx:
        if not _ended(tx, context):
            runs.move(tx, context.run.id, ["running"], "done", at=clock.now())
            _wait(tx, context, asked, reason=found)
            _note(tx, context, "waiting")


def _expire(tx: Transaction, context: RunContext, found: expiry.Grounds) -> None:
    runs.move(tx, context.run.id, ["running"], "done", at=clock.now())
    if not expiry.approve(tx, context, found):
        requests.move(tx, context.request.id, ["submitted"], "rejected", at=clock.now(), reason=expiry.KEPT)
        _note(tx, context, "rejected")


def _wait(tx: Transaction, context: RunContext, asked: Asked | None, *, reason: str = "") -> None:
    request = context.request
    waiting.wait(tx, request, "submitted", asked, at=clock.now(), end=request.expires_at, reason=reason)


def end_apply(context: RunContext, stop: Stop | None) -> None:
    """After an application: done, parked with what is left, or back to a person: the approval no longer holds."""
    previewing.forget_plans(context)
    now = clock.now()
    void = stop is not None and stop.end == "void"
    asked = approving.asked_now(context.platform, context.request, context.say) if void else None
    with context.platform.database.begin() as tx:
        if _ended(tx, context):
            return
        leases.release_all(tx, context.request.id, at=now)
        if stop is not None and stop.undone:
            reason = f"{stop.reason.rstrip('.')}. What it had made was destroyed again"
            runs.move(tx, context.run.id, ["running"], "failed", at=now, reason=reason, code=UNDONE)
            requests.move(tx, context.request.id, ["applying"], "failed", at=now, reason=reason)
            approvals.void(tx, context.request.id, UNDONE, at=now)
            _note(tx, context, UNDONE, code=stop.code)
        elif stop is None:
            runs.move(tx, context.run.id, ["running"], "done", at=now)
            requests.move(tx, context.request.id, ["applying"], "done", at=now, **_what_is_there(context.request))
            _note(tx, context, "done")
            _settle_service(tx, context)
        elif stop.end == "void":
            runs.move(tx, context.run.id, ["running"], "failed", at=now, reason=stop.reason, code=stop.code)
            approvals.void(tx, context.request.id, stop.reason, at=now)
            end, found = now + waiting.DECIDE_WITHIN, stop.instead
            waiting.wait(tx, context.request, "applying", asked, at=now, end=end, reason=stop.reason, preview=found)
            _note(tx, context, "approval-void", code=stop.code)
        else:
            left = stop.left or _undone(tx, context)
            runs.move(tx, context.run.id, ["running"], "parked", at=now, reason=stop.reason, code=stop.code, left=left)
            requests.move(tx, context.request.id, ["applying"], "parked", at=now, reason=stop.reason)
            _note(tx, context, "parked", code=stop.code)
        begin_next(tx, context.platform, context.request)
    if stop is None:  # and not sooner: who takes the run over needs them until it has ended
        shared_commits.drop(context.platform, context.request.id)


def _what_is_there(request: Request) -> requests.Changes:
    """Of a change, the instances that are left: the others are destroyed."""
    return {"instances": request.staying} if request.is_change else {}


def _settle_service(tx: Transaction, context: RunContext) -> None:
    """What is done is what the service is now: of what was parked on the way nothing is to be made any more."""
    request = context.request
    if request.is_retirement:
        _end_parked(tx, context, "the service was retired", "retired")
        expiry.ended(tx, context.platform, request)
    elif request.is_proposal:
        return
    elif request.parts:
        for one in orders.hand_over(tx, context):
            _note(tx, replace(context, request=one), "done")
    elif request.is_change:
        _end_parked(tx, context, "the service was changed", "failed")
        if (life := live_services.life(tx, request)) is not None:
            lifetimes.move(tx, life, request.id)
    else:
        _begin_life(tx, context)


def _begin_life(tx: Transaction, context: RunContext) -> None:
    """The service has come to exist, and lives as long as the approval says that was applied."""
    named = context.results["hold"]["approval"]
    approval = next((one for one in approvals.of_request(tx, context.request.id) if one.id == named), None)
    if approval is not None and approval.ttl is not None:
        now = clock.now()
        lifetimes.begin(tx, context.request, approval, at=now, until=now + timedelta(seconds=approval.ttl))


def _end_parked(tx: Transaction, context: RunContext, why: str, action: str) -> None:
    """What was parked on the way to a service that is gone, or another one, would make it again: it is not resumed."""
    mine = context.request
    for one in requests.find(tx, mine.repository, stack=mine.stack, services=[mine.service], statuses={"parked"}):
        requests.move(tx, one.id, ["parked"], "failed", at=clock.now(), reason=f"{why}: {mine.id}")
        _note(tx, replace(context, request=one), action)


def _undone(tx: Transaction, context: RunContext) -> tuple[str, ...]:
    return tuple(step.step for step in runs.steps_of(tx, context.run.id) if step.state != "done")


def _ended(tx: Transaction, context: RunContext) -> bool:
    """Whether an earlier try of this step got as far as the commit."""
    return runs.get(tx, context.run.id).status not in ("queued", "running")


def _note(tx: Transaction, context: RunContext, action: str, *, code: str = "") -> None:
    request = context.request
    facts = {"run": context.run.id, "preview": request.preview, "commit": request.commit, "code": code}
    context.platform.audit.about(tx, ENGINE, f"request.{action}", request, **facts)
