"""Asking for a service to be destroyed, whoever asks: a person, or the engine at the end of its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.platform import journals, placing
from gaia.platform.acting import ENGINE
from gaia.platform.steps import PREVIEW_STEPS
from gaia.platform.waiting import DECIDE_WITHIN
from gaia.records import approvals, requests, runs

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.platform.acting import Place
    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction
    from gaia.records.model import Request


def ask_to_retire(
    tx: Transaction, platform: PlatformContext, old: Request, requester: str, *, where: Place, actor: str, at: datetime
) -> Request:
    """Write down that the service which came from `old` is to be destroyed, and queue the preview of that.

    `requester` is a person's id, `actor` who the audit log says it was, `where` the place that its stack has now: its
    rules are asked, and the service is listed there.

    Raises:
        Conflict: `apply-unfinished`, when some of it may exist outside of the state; `service-busy`.
    """
    if error := journals.unfinished(platform, old.instances):
        raise error
    old = placing.follow(tx, old, where, at=at)
    end_undecided(tx, platform, old.stack, old.service, at=at)
    request = requests.add(
        tx,
        repository=old.repository,
        tenant=old.tenant,
        stage=old.stage,
        stack=old.stack,
        service=old.service,
        kind="retire",
        template=old.template,
        template_version=old.template_version,
        answers=old.answers,
        requester=requester,
        at=at,
        expires_at=at + DECIDE_WITHIN,
        follows=old.id,
        parts=old.parts,
    )
    request = requests.note(tx, request.id, at=at, manifest=old.manifest, origins=old.origins)
    runs.add(tx, request, "preview", PREVIEW_STEPS, at=at)
    platform.audit.about(tx, actor, "request.submitted", request)
    return request


def end_undecided(tx: Transaction, platform: PlatformContext, stack: str, service: str, *, at: datetime) -> None:
    """End what nobody decided in time: it does not keep the name any longer."""
    for one in requests.find(tx, platform.repository, stack=stack, services=[service], statuses={"waiting"}):
        if one.expires_at and one.expires_at < at:
            requests.move(tx, one.id, ["waiting"], "expired", at=at)
            approvals.void(tx, one.id, "expired", at=at)
            platform.audit.about(tx, ENGINE, "request.expired", one)
