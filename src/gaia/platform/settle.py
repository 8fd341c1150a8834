"""How a run and its request end: the last step of each run, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.kit import clock
from gaia.platform import apply_run, standing, trees
from gaia.platform.steps import PREVIEW_STEPS
from gaia.records import approvals, audit, leases, previews, requests, runs

if TYPE_CHECKING:
    from gaia.platform.steps import At, Stop
    from gaia.records.database import Transaction
    from gaia.records.model import Judgement, Status

ENGINE = "engine"
POLICY = "policy"


def settle_preview(at: At, stop: Stop | None) -> None:
    """After a preview: a person decides, or a policy has; a stopped one ends the request, unless it was interrupted."""
    if stop is not None and stop.code == "interrupted":  # nothing was changed: another run previews it from the start
        with at.parts.database.begin() as tx:
            if not _ended(tx, at):
                runs.move(tx, at.run.id, ["running"], "failed", at=clock.now(), reason=stop.reason, code=stop.code)
                runs.add(tx, requests.get(tx, at.request.id), "preview", PREVIEW_STEPS, at=clock.now())
        return
    if stop is not None:
        status: Status = "denied" if stop.end == "denied" else "failed"
        with at.parts.database.begin() as tx:
            if _ended(tx, at):
                return
            runs.move(tx, at.run.id, ["running"], "failed", at=clock.now(), reason=stop.reason, code=stop.code)
            requests.move(tx, at.request.id, ["submitted"], status, at=clock.now(), reason=stop.reason)
            _note(tx, at, status, code=stop.code)
        return
    approved = _approved_by_policy(at)
    with at.parts.database.begin() as tx:
        if _ended(tx, at):
            return
        runs.move(tx, at.run.id, ["running"], "done", at=clock.now())
        if approved is not None:
            _approve(tx, at, approved)
        else:
            requests.move(tx, at.request.id, ["submitted"], "waiting", at=clock.now())
            _note(tx, at, "waiting")


def _approved_by_policy(at: At) -> Judgement | None:
    """The judgement that a policy approves of; None: a person decides."""
    from gaia.platform import document
    from gaia.platform.preview_run import source_commit
    from gaia.policy.judge import PolicySet, auto_approved

    with at.parts.database.read() as tx:
        judgement = previews.latest_judgement(tx, at.request.id, str(at.request.preview))
        owner = standing.services(tx, at.request.repository).get((at.request.stack, at.request.service))
    if judgement is None or judgement.verdict != "allowed":
        return None
    policies = PolicySet.load(trees.export(at.parts, source_commit(at)) / "policies")
    asked = document.approval_document(at.request, owner.requester if owner else None, judgement.findings)
    return judgement if auto_approved(policies, asked, engine=at.parts.engine()) else None


def _approve(tx: Transaction, at: At, judgement: Judgement) -> None:
    """Write down that a policy approved, and queue the application in the same transaction."""
    now = clock.now()
    approvals.decide(tx, judgement, "approved", person=None, key=at.parts.key, at=now)
    moved = requests.move(tx, at.request.id, ["submitted"], "applying", at=now)
    run = runs.add(tx, moved, "apply", [step.name for step in apply_run.plan(moved)], at=now)
    apply_run.lease(tx, moved, run.id)
    _note(tx, at, "approved", actor=POLICY)


def settle_apply(at: At, stop: Stop | None) -> None:
    """After an application: done, parked with what is left, or back to a person: the approval no longer holds."""
    now = clock.now()
    with at.parts.database.begin() as tx:
        if _ended(tx, at):
            return
        leases.release_all(tx, at.request.id, at=now)
        if stop is None:
            runs.move(tx, at.run.id, ["running"], "done", at=now)
            requests.move(tx, at.request.id, ["applying"], "done", at=now, reason="")
            _note(tx, at, "done")
            if at.request.kind == "retire":
                _end_parked(tx, at)
        elif stop.end == "void":
            runs.move(tx, at.run.id, ["running"], "failed", at=now, reason=stop.reason, code=stop.code)
            approvals.void(tx, at.request.id, stop.reason, at=now)
            requests.move(tx, at.request.id, ["applying"], "waiting", at=now, reason=stop.reason)
            _note(tx, at, "approval-void", code=stop.code)
        else:
            left = stop.left or _undone(tx, at)
            runs.move(tx, at.run.id, ["running"], "parked", at=now, reason=stop.reason, code=stop.code, left=left)
            requests.move(tx, at.request.id, ["applying"], "parked", at=now, reason=stop.reason)
            _note(tx, at, "parked", code=stop.code)


def _end_parked(tx: Transaction, at: At) -> None:
    """What was parked on the way to a service that is gone would make it again, or half of it: nothing is resumed."""
    mine = at.request
    for one in requests.find(tx, mine.repository, stack=mine.stack, service=mine.service, statuses={"parked"}):
        requests.move(tx, one.id, ["parked"], "failed", at=clock.now(), reason=f"the service was retired: {mine.id}")
        _note(tx, replace(at, request=one), "retired")


def _undone(tx: Transaction, at: At) -> tuple[str, ...]:
    return tuple(step.step for step in runs.steps_of(tx, at.run.id) if step.state != "done")


def _ended(tx: Transaction, at: At) -> bool:
    """Whether an earlier try of this step got as far as the commit."""
    return runs.get(tx, at.run.id).status not in ("queued", "running")


def _note(tx: Transaction, at: At, action: str, *, actor: str = ENGINE, code: str = "") -> None:
    request = at.request
    audit.append(
        tx,
        at.parts.key,
        at=clock.now(),
        actor=actor,
        action=f"request.{action}",
        subject=request.id,
        repository=request.repository,
        tenant=request.tenant,
        stage=request.stage,
        facts={"run": at.run.id, "preview": request.preview, "commit": request.commit, "code": code},
    )
