"""Writing down a request about a service that stands as it was asked for, and queuing the preview of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.platform.acting import ENGINE
from gaia.platform.engine.steps import PREVIEW_STEPS
from gaia.platform.requests.waiting import DECIDE_WITHIN
from gaia.records import approvals, requests, runs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction
    from gaia.records.model import Request, RequestKind


def ask_about(
    tx: Transaction,
    platform: PlatformContext,
    old: Request,
    kind: RequestKind,
    requester: str,
    *,
    actor: str,
    at: datetime,
    follows: str | None = None,
    parts: tuple[Mapping[str, Any], ...] = (),
) -> Request:
    """A request of this kind about the service that came from `old`: its template, answers and manifest are those.

    `requester` is a person's id, `actor` who the audit log says it was; `follows` the request that it ends, whose
    services are `parts` where it is an order.

    Raises:
        Conflict: `service-busy`.
    """
    end_undecided(tx, platform, old.stack, old.service, at=at)
    request = requests.add(
        tx,
        repository=old.repository,
        tenant=old.tenant,
        stage=old.stage,
        stack=old.stack,
        service=old.service,
        kind=kind,
        template=old.template,
        template_version=old.template_version,
        answers=old.answers,
        requester=requester,
        at=at,
        expires_at=at + DECIDE_WITHIN,
        follows=follows,
        parts=parts,
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
