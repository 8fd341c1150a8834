"""Writing down what somebody asks for, and queuing the preview of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict, Unpack

from gaia.platform.acting import ENGINE
from gaia.platform.engine.steps import PREVIEW_STEPS
from gaia.platform.requests.waiting import DECIDE_WITHIN
from gaia.records import approvals, requests, runs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction
    from gaia.records.model import OnFailure, Request, RequestKind, RequestStatus


class Asking(TypedDict):
    """What `gaia.records.requests.add` takes of it; what is not said is as there."""

    tenant: str
    stage: str
    stack: str
    service: str
    kind: RequestKind
    template: str
    template_version: str
    answers: Mapping[str, object]
    requester: str
    at: datetime
    expires_at: datetime
    named: NotRequired[str]
    ttl: NotRequired[int | None]
    follows: NotRequired[str | None]
    given: NotRequired[Mapping[str, object]]
    replaces: NotRequired[str | None]
    on_failure: NotRequired[OnFailure]
    parts: NotRequired[tuple[Mapping[str, Any], ...]]


def write_down(
    tx: Transaction,
    platform: PlatformContext,
    *,
    actor: str | None = None,
    in_line: bool = False,
    facts: Mapping[str, object] | None = None,
    **asking: Unpack[Asking],
) -> Request:
    """A new request, its entry in the audit log, and its preview, queued unless it waits `in_line`.

    `actor` is who the audit log says it was, where that is not the requester; `facts` are what it says beside.

    Raises:
        Invalid: `name-invalid`. Conflict: `service-busy`.
    """
    status: RequestStatus = "queued" if in_line else "submitted"
    request = requests.add(tx, repository=platform.repository, status=status, **asking)
    if not in_line:
        runs.add(tx, request, "preview", PREVIEW_STEPS, at=request.created_at)
    action = "request.queued" if in_line else "request.submitted"
    platform.audit.about(tx, actor or request.requester, action, request, **(facts or {}))
    return request


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
    request = write_down(
        tx,
        platform,
        actor=actor,
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
    return requests.note(tx, request.id, at=at, manifest=old.manifest, origins=old.origins)


def end_undecided(tx: Transaction, platform: PlatformContext, stack: str, service: str, *, at: datetime) -> None:
    """End what nobody decided in time: it does not keep the name any longer."""
    for one in requests.find(tx, platform.repository, stack=stack, services=[service], statuses={"waiting"}):
        if one.expires_at and one.expires_at < at:
            requests.move(tx, one.id, ["waiting"], "expired", at=at)
            approvals.void(tx, one.id, "expired", at=at)
            platform.audit.about(tx, ENGINE, "request.expired", one)
