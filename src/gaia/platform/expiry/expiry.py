"""What approves the destruction that the engine asks for at the end of a service's time.

Whoever approved the service signed how long it lives: that signature, verified again, is the approval of its end, as
long as the preview shows nothing but the destruction of what is recorded as there, and no policy denies it or is
undecided. Else a person decides, as about any request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.errors import GaiaError
from gaia.kit import clock
from gaia.platform.acting import ENGINE
from gaia.platform.approvals import approving
from gaia.platform.approvals.policy_approval import POLICY
from gaia.platform.engine.queueing import queue_apply
from gaia.platform.requests import previewing
from gaia.records import approvals, lifetimes, people, previews, requests, resources
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gaia.access.approval_rules import Asked
    from gaia.platform.context import PlatformContext, RunContext
    from gaia.records.database import Transaction
    from gaia.records.lifetime_model import Lifetime
    from gaia.records.model import Approval, Judgement, Request

EXPIRY = "expiry"
"""Who approved where that was the end of a service's time."""
KEPT = "it was kept"
"""Why its destruction is not asked for any more."""
_CENT = Decimal("0.01")
"""Estimates are told in whole ones."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What approves of it."""

    life: Lifetime
    signed: Approval
    """The one that said how long the service lives."""
    judgement: Judgement


def approver(approval: Approval, request: Request, names: Mapping[str, str]) -> str:
    """Who approved: a person's name, a policy, or the end of a service's time."""
    if approval.person:
        return names.get(approval.person, approval.person)
    return EXPIRY if is_expiry(request) else POLICY


def is_expiry(request: Request) -> bool:
    """Whether the engine asked for it, at the end of a service's time."""
    return request.is_retirement and request.requester == people.ENGINE


def grounds(context: RunContext, asked: Asked | None) -> Grounds | str:
    """What approves of the destruction that was previewed; else why a person decides, or has.

    `asked` is what the published rules of approval ask for; None: nobody knows it.
    """
    platform, request, digest = context.platform, context.request, str(context.request.preview)
    try:
        with platform.database.read() as tx:
            life = lifetimes.of_retirement(tx, request.id)
            if life is None:
                return "its end was moved since"
            signed = approvals.find(tx, life.approval)
            judgement = previews.latest_judgement(tx, request.id, digest)
            there = _there(tx, request)
            enough = asked is not None and approving.by_its_end(tx, platform, request, asked)
            said = signed is not None and approving.holds(tx, signed, platform.key)
        if signed is None or signed.decision != "approved" or not said:
            return "the approval that stated its time to live does not hold any more"
        if signed.ttl is None:
            return "nobody has signed that it ends by itself"
        if life.until is None or life.until < signed.at + timedelta(seconds=signed.ttl):
            return "its end is nearer than was signed"
        if judgement is None or judgement.verdict != "allowed":
            return _undecided(judgement)
        normal, _ = previewing.load(platform, digest)
    except GaiaError as error:  # whoever decides is told the same
        return error.message
    if not enough:
        return "the rules of approval ask for more now than signed its time to live"
    shown = {(str(key), one.address): one.actions for key, changes in normal.parts.items() for one in changes}
    if others := sorted(f"{key}: {address}" for (key, address), what in shown.items() if what != ("delete",)):
        return f"something else would be done than to destroy what is there: {', '.join(others[:5])}"
    if strange := sorted(f"{key}: {address}" for key, address in shown.keys() ^ there):
        return f"what would be destroyed is not what is recorded as there: {', '.join(strange[:5])}"
    return Grounds(life, signed, judgement)


def approve(tx: Transaction, context: RunContext, on: Grounds) -> bool:
    """Sign it on these grounds and queue the application; False: the service was kept meanwhile."""
    platform, request, now = context.platform, context.request, clock.now()
    if not lifetimes.over(tx, on.life, at=now):
        return False
    reason = f"its time to live is over, as {on.signed.id} said"
    given = approvals.decide(tx, on.judgement, "approved", person=None, key=platform.key, at=now, reason=reason)
    moved = requests.move(tx, request.id, [request.status], "applying", at=now)
    queue_apply(tx, moved, at=now)
    facts = {"approval": given.id, "as": on.signed.id, "preview": request.preview}
    platform.audit.about(tx, EXPIRY, "request.approved", moved, **facts)
    return True


def ended(tx: Transaction, platform: PlatformContext, retirement: Request) -> None:
    """The service is gone, and has no life any more; said of its own request where it ended by itself."""
    life = lifetimes.of_retirement(tx, retirement.id)
    lifetimes.forget(tx, retirement.repository, retirement.stack, retirement.service)
    if life is not None:
        origin = requests.get(tx, life.request)
        facts = {"retirement": retirement.id, **spent(tx, life, origin, clock.now())}
        platform.audit.about(tx, ENGINE, "service.expired", origin, **facts)


def spent(tx: Transaction, life: Lifetime, origin: Request, now: datetime) -> dict[str, object]:
    """What a service has cost since it came to exist, and since it was to end, as it was estimated; null: unknown."""
    from gaia.cost.model import HOURS_A_MONTH
    from gaia.cost.summary import summary

    key = (origin.id, str(origin.preview))
    judged = previews.latest_judgements(tx, [key]).get(key)
    cost = summary(judged.cost) if judged is not None and judged.cost else None
    monthly = cost.monthly if cost is not None and cost.total_complete else None

    def since(moment: datetime | None) -> str | None:
        if moment is None or monthly is None:
            return None
        seconds = max(int((now - moment).total_seconds()), 0)
        return str((monthly * seconds / (HOURS_A_MONTH * 3600)).quantize(_CENT))

    known = {"cost_so_far": since(life.began_at), "cost_since_its_end": since(life.until)}
    return {**known, "currency": cost.currency if cost else None}


def _there(tx: Transaction, request: Request) -> set[tuple[str, str]]:
    """(instance, address) of every resource that is recorded as there."""
    keys = [InstanceKey.parse(key) for key in request.instances]
    found = ((key, resources.of_instance(tx, request.repository, key.stack, key.component)) for key in keys)
    return {(str(key), one.address) for key, rows in found for one in rows}


def _undecided(judgement: Judgement | None) -> str:
    findings = judgement.findings if judgement else ()
    open_ones = sorted({f"{one['title']} ({one['rule']})" for one in findings if one["effect"] == "undecided"})
    return f"policies are undecided about it: {', '.join(open_ones)}" if open_ones else "it was not judged as allowed"
