"""Whether a policy approves of a request by itself, and the approval that it then gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Unavailable
from gaia.kit import clock
from gaia.platform.approvals import signers
from gaia.platform.engine.queueing import queue_apply
from gaia.platform.instances import policy_input
from gaia.platform.services import live_services
from gaia.records import approvals, people, previews, requests, witness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gaia.access.approval_rules import Asked
    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction
    from gaia.records.model import Approval, Judgement, Request

POLICY = "policy"
"""Who approved where no person did."""


def approved(
    context: PlatformContext, request: Request, say: Callable[[str], None], asked: Asked | None
) -> Judgement | None:
    """The judgement that a policy approves of; None: a person decides. `say` hears why it was not asked, or failed.

    Policies are those of the commit that was previewed, and those of the branch as it is now: one that was withdrawn
    meanwhile signs nothing. `asked` is what the published rules of approval ask for, which may forbid it; None: nobody
    knows it.
    """
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
    if judgement is None or judgement.verdict != "allowed":
        findings = judgement.findings if judgement else ()
        rules = sorted({f"{one['title']} ({one['rule']})" for one in findings if one["effect"] == "undecided"})
        if rules:
            say(f"no policy is asked to approve, for these rules are undecided: {', '.join(rules)}")
        return None
    try:
        commits = (request.source_commit, context.clone().fetch())
        return judgement if _agree(context, request, judgement, commits, say) else None
    except GaiaError as error:  # no policy said yes
        say(f"no policy could be asked to approve: {error.message}")
        return None


def lapsed(
    context: PlatformContext, request: Request, approval: Approval, commit: str, judged: Judgement | None = None
) -> str:
    """Why an approval counts no longer though a policy signed it; empty: it counts, or is a person's.

    The policies of `commit`, which is what the branch is now, have to approve of what was signed, of how that was
    judged last, and of `judged`, how what would be done now is; and whoever asked could ask again.
    """
    if approval.person is not None or request.requester == people.ENGINE:
        return ""
    try:
        with context.database.read() as tx:
            if reason := signers.cannot_ask(tx, request):
                return reason
            signed = previews.judgement(tx, request.id, approval.judgement)
            latest = previews.latest_judgement(tx, request.id, approval.preview)
        each = {one.digest: one for one in (signed, latest, judged) if one is not None}
        for one in each.values():
            if one.verdict != "allowed" or not _agree(context, request, one, (commit,), lambda _: None):
                return "the policy that approved of it does so no longer"
    except GaiaError as error:
        return f"no policy could be asked whether it still approves: {error.message}"
    return ""


def _agree(
    context: PlatformContext,
    request: Request,
    judgement: Judgement,
    commits: Iterable[str],
    say: Callable[[str], None],
) -> bool:
    """Whether the policies of each of these commits approve of what was judged so."""
    from gaia.policy.judge import auto_approved

    with context.database.read() as tx:
        origin = live_services.origin(tx, request.repository, request.stack, request.service)
        first = live_services.first(tx, origin) if origin else None
        for one in (request, first):
            if one is not None:
                witness.check_requester(tx, context.key, one)
    owner = first.requester if first else None
    about = policy_input.approval_input(request, owner, judgement.findings, judgement.cost)
    if about["cost"].get("partial"):
        say("the cost is not wholly known, so no policy can approve by it")
    sets = {each.digest: each for each in (context.snapshot(commit).policies for commit in commits)}
    engine = context.policy_engine()
    return all(auto_approved(each, about, engine=engine) for each in sets.values())


def approve(
    tx: Transaction,
    context: PlatformContext,
    request: Request,
    judgement: Judgement,
    *,
    reason: str = "",
    **more: object,
) -> Request:
    """Write down that a policy approved, and queue the application in the same transaction. `more`: facts of that."""
    now = clock.now()
    given = approvals.decide(tx, judgement, "approved", person=None, key=context.key, at=now, reason=reason)
    moved = requests.move(tx, request.id, [request.status], "applying", at=now)
    queue_apply(tx, moved, at=now)
    facts = {"approval": given.id, "preview": given.preview, "commit": request.commit}
    context.audit.about(tx, POLICY, "request.approved", moved, **facts, **more)
    return moved
