"""What is approved is reserved: of budgets and quotas nobody takes what somebody else was given meanwhile.

The ledger is made of what is written down anyway: services and what was approved, each by its judgement's estimate
(`spending`). An approval is a reservation by being written, and it is released when its service was seen to be gone, or
when it does not hold any longer; so the ledger says what the requests say, and nothing in it is negative.
What the ledger was when a request was judged may not be what it is when the request is approved. Approvals of one
repository therefore take turns, and each is held against the ledger as it is then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.budgets import standing
from gaia.cost.quotas import taken
from gaia.errors import Conflict, GaiaError, Next
from gaia.kit import clock
from gaia.platform.services import spending
from gaia.records import repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gaia.cost.declared import Declared
    from gaia.cost.quotas import Footprint
    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction
    from gaia.records.model import Judgement, Request


def declared_now(platform: PlatformContext, say: Callable[[str], None]) -> Declared | None:
    """What is declared on the published branch; None where that cannot be read, and `say` hears why."""
    try:
        return platform.snapshot(platform.clone().fetch()).declared
    except GaiaError as error:
        say(f"budgets and quotas cannot be read: {error.message}")
        return None


def without_room(tx: Transaction, declared: Declared, request: Request, judgement: Judgement) -> Conflict | None:
    """Why a request cannot be approved any more: `budget-taken`; None: there is room, and it is the request's until the
    transaction ends.

    What was too much already when it was judged is not asked again: rules have judged that, or a waiver has excused it.
    """
    if request.is_retirement or request.puts_back or not declared:
        return None
    repositories.take_turns(tx, request.repository)
    if spending.takes_no_more(tx, request, judgement.cost):
        return None
    mine = spending.of_request(request, judgement.cost, "asked")
    before = spending.footprints(tx, request.repository, but=request.id, approved_before=judgement.made_at)
    now = spending.footprints(tx, request.repository, but=request.id)
    known = set(_exceeded(declared, (*before, mine)))
    new = [one for one in _exceeded(declared, (*now, mine)) if one not in known]
    if not new:
        return None
    return Conflict(
        "budget-taken",
        f"others were approved since {request.id} was judged, and there is no room left for it: {', '.join(new)}",
        next_step=Next(
            "reject", request.id, "Reject it, and ask again when there is room", options=("--reason", "room")
        ),
        facts={"request": request.id, "exceeded": new},
    )


def _exceeded(declared: Declared, ledger: Sequence[Footprint]) -> Iterator[str]:
    """Names of the budgets and quotas in which what was asked for last is, and that are exceeded for sure."""
    mine = ledger[-1].commitment
    budgets = [one for one in declared.budgets if one.scope.holds(mine)]
    for budget in standing(budgets, [one.commitment for one in ledger], clock.now()):
        if budget.verdict == "deny":
            yield f"the budget {budget.budget.scope}"
    for quota in taken([one for one in declared.quotas if one.scope.holds(mine)], ledger):
        if quota.verdict == "deny":
            yield f"the quota {quota.scope} of {quota.measure}"
