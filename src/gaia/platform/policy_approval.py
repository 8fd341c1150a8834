"""Whether a policy approves of a request by itself, and the approval that it then gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Unavailable
from gaia.kit import clock
from gaia.platform import live_services, policy_input
from gaia.platform.queueing import queue_apply
from gaia.records import approvals, previews, requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.access.approval_rules import Asked
    from gaia.platform.context import PlatformContext
    from gaia.policy.rules import PolicySet
    from gaia.records.database import Transaction
    from gaia.records.model import Judgement, Request

POLICY = "policy"
"""Who approved where no person did."""


def approved(
    context: PlatformContext,
    request: Request,
    say: Callable[[str], None],
    asked: Asked | None,
    *,
    and_by: PolicySet | None = None,
) -> Judgement | None:
    """The judgement that a policy approves of; None: a person decides. `say` hears why it was not asked, or failed.

    Policies are those of the commit that was previewed, and those of `and_by` besides. `asked` is what the published
    rules of approval ask for, which may forbid it; None: nobody knows it.
    """
    from gaia.policy.judge import auto_approved

    if asked is None:
        return None
    if not asked.may_policy_approve:
        say(f"no policy is asked to approve: {', '.join(asked.at)} forbids it")
        return None

    with context.database.read() as tx:
        try:
            judgement = previews.latest_judgement(tx, request.id, str(request.preview))
        except Unavailable as error:  # a person is told the same, and decides; an end that fails is tried for ever
            if error.code != "judgement-damaged":
                raise
            say(f"no policy was asked to approve: {error.message}")
            return None
        origin = live_services.origin(tx, request.repository, request.stack, request.service)
        owner = live_services.first(tx, origin).requester if origin else None
    if judgement is None or judgement.verdict != "allowed":
        findings = judgement.findings if judgement else ()
        rules = sorted({f"{one['title']} ({one['rule']})" for one in findings if one["effect"] == "undecided"})
        if rules:
            say(f"no policy is asked to approve, for these rules are undecided: {', '.join(rules)}")
        return None
    about = policy_input.approval_input(request, owner, judgement.findings, judgement.cost)
    if about["cost"].get("partial"):
        say("the cost is not wholly known, so no policy can approve by it")
    try:
        sets = [context.snapshot(request.source_commit).policies, *([and_by] if and_by else [])]
        engine = context.policy_engine()
        return judgement if all(auto_approved(each, about, engine=engine) for each in sets) else None
    except GaiaError as error:  # no policy said yes
        say(f"no policy could be asked to approve: {error.message}")
        return None


def approve(
    tx: Transaction, context: PlatformContext, request: Request, judgement: Judgement, *, reason: str = ""
) -> Request:
    """Write down that a policy approved, and queue the application in the same transaction."""
    now = clock.now()
    approvals.decide(tx, judgement, "approved", person=None, key=context.key, at=now, reason=reason)
    moved = requests.move(tx, request.id, [request.status], "applying", at=now)
    queue_apply(tx, moved, at=now)
    return moved
