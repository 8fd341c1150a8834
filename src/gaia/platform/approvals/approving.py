"""Whether what was signed is enough: the rules of approval at a commit, and the signatures that count by them.

The rules are those of the branch that says what should exist, never of a request's own: a change cannot loosen the rule
that it has to meet. They are read when something begins to wait, when somebody signs, and when an application begins or
moves onto another commit; before every act the signatures are counted again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.access.approval_rules import Asked, asked_in, standing
from gaia.errors import Conflict, GaiaError, Next
from gaia.platform.approvals import signers
from gaia.platform.approvals.policy_approval import POLICY
from gaia.platform.model import ApprovalsNeeded
from gaia.platform.services import placing
from gaia.records import approvals, lifetimes, people, requests, witness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gaia.access.approval_rules import Standing
    from gaia.kit.keys import SecretKey
    from gaia.platform.acting import Scoped
    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction
    from gaia.records.model import Approval, Request


LAPSED = " (may no longer approve)"
"""Said of a signature that does not count any more."""


def asked_at(platform: PlatformContext, commit: str, request: Request) -> Asked:
    """What the rules at a commit ask for where the request is, which is where its stack is at that commit.

    Raises:
        Invalid: `approval-rule-invalid`: then nobody can approve. Conflict: `scope-changed`.
    """
    placing.check(platform, commit, request)
    return asked_in(platform.snapshot(commit).approval_rules, request.tenant, request.stage)


def asked_now(platform: PlatformContext, request: Request, say: Callable[[str], None]) -> Asked | None:
    """What the published rules ask for; None where nobody can say it, and `say` hears why."""
    try:
        return asked_at(platform, platform.clone().fetch(), request)
    except GaiaError as error:
        say(f"the rules of approval cannot be read: {error.message}")
        return None


def named_groups(platform: PlatformContext, commit: str) -> frozenset[str]:
    """Every group that a rule asks for anywhere."""
    rules = platform.snapshot(commit).approval_rules
    return frozenset(name for rule in rules for name in (*rule.groups, *rule.any_of))


def counting(
    tx: Transaction, platform: PlatformContext, live: Iterable[Approval], like: Approval, where: Scoped
) -> tuple[Approval, ...]:
    """Of `alike` those whose signers may still approve there, with the groups that they are still in."""
    return tuple(signers.still(tx, ((one, where) for one in alike(live, like, [platform.key]))).values())


def holds(tx: Transaction, approval: Approval, key: SecretKey) -> bool:
    """Whether an approval of a request that has ended still says what it said: a key that was replaced may have signed.

    What is still to be applied takes one by the key of now.
    """
    if approvals.verify(approval, [key]):
        return True
    return approvals.verify(approval, key.older) and witness.is_told(tx, key, approval)


def alike(live: Iterable[Approval], like: Approval, keys: Sequence[SecretKey]) -> tuple[Approval, ...]:
    """Of the decisions on a request those that say the same: of one preview and one judgement, signed, not voided."""
    return tuple(
        one
        for one in live
        if (one.request, one.preview, one.judgement, one.decision)
        == (like.request, like.preview, like.judgement, "approved")
        and approvals.verify(one, keys)
    )


def check(
    tx: Transaction, platform: PlatformContext, request: Request, approval: Approval | None, asked: Asked
) -> Approval:
    """The approval, when it holds and those that say the same are enough.

    Raises:
        Conflict: `approval-missing`. Unavailable: `request-damaged`.
    """
    if approval is not None:
        witness.check_requester(tx, platform.key, request)
        live = approvals.live(tx, request.id, approval.preview)
        found = counting(tx, platform, live, approval, request)
        if approval.person is None and request.requester == people.ENGINE:  # what no policy is asked about
            enough = by_its_end(tx, platform, request, asked)
        else:
            if any(one.person is None for one in found) and signers.cannot_ask(tx, request):
                found = tuple(one for one in found if one.person is not None)
            enough = standing(asked, found, request.requester).met
        if approval in alike(live, approval, [platform.key]) and enough:
            return approval
    raise Conflict(
        "approval-missing",
        f"request {request.id} has no approval that holds for what it would do",
        next_step=Next("resume", request.id, "Preview it again, for somebody to approve"),
    )


def by_its_end(tx: Transaction, platform: PlatformContext, retirement: Request, asked: Asked) -> bool:
    """Whether those who signed how long a service lives are enough, by the rules as they are now, for its end."""
    life = lifetimes.of_retirement(tx, retirement.id) if retirement.requester == people.ENGINE else None
    if life is None:
        return False
    signed = approvals.find(tx, life.approval)
    if signed is None:
        return False
    decided = approvals.of_request(tx, signed.request)  # a change of the service signs nothing of its end
    count = alike((one for one in decided if holds(tx, one, platform.key)), signed, platform.key.every)
    found = tuple(signers.still(tx, ((one, retirement) for one in count)).values())
    came = requests.get(tx, signed.request)
    witness.check_requester(tx, platform.key, came)
    return standing(asked, found, came.requester).met


def needed(
    request: Request, live: Sequence[Approval], names: Mapping[str, str], still: Mapping[str, Approval]
) -> ApprovalsNeeded | None:
    """What a request that waits has and still needs, as its row says; None where it does not wait or nobody knows.

    `live` are its decisions that were not voided, `still` those that count by `signers.still`. Nothing is verified
    here: what is shown decides nothing.
    """
    asked = Asked.read(request.asked)
    if request.status != "waiting" or asked is None:
        return None
    mine = [one for one in live if one.preview == request.preview]
    found = standing(asked, [still[one.id] for one in mine if one.id in still], request.requester)
    signed = tuple(signer(one, names) + ("" if one.id in still else LAPSED) for one in mine)
    return ApprovalsNeeded(
        approvers=asked.approvers,
        given=found.given,
        by=signed,
        groups=found.missing,
        proof_seconds=int(asked.proof.total_seconds()) if asked.proof else None,
        policy_may=asked.may_policy_approve,
        rules=asked.at,
        words=words(found),
    )


def words(found: Standing) -> str:
    """`1 of 2 approvals; waits for one of group security`."""
    most = found.asked.approvers
    text = f"{min(found.given, most)} of {most} approval{'' if most == 1 else 's'}"
    groups = " and ".join(f"one of group {' or '.join(one)}" for one in found.missing)
    return f"{text}; waits for {groups}" if groups else text


def signer(approval: Approval, names: Mapping[str, str]) -> str:
    """`gus`, `gus for ada`, or `policy`."""
    if approval.person is None:
        return POLICY
    name = names.get(approval.person, approval.person)
    owner = approval.on_behalf
    return name if owner is None else f"{name} for {names.get(owner, owner)}"
