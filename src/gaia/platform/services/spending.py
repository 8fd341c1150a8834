"""What the services of a repository cost and take up, by their newest judgements, and where that leaves its budgets.

The judgement of a preview holds its estimate; what is not judged yet, or not wholly priced, is not known, and not zero.
A ledger of its own would remember more: what was cheaper last month, and who released what. It could also say
something else than the requests do; `reserving` keeps two who approve at once from taking the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.cost.budgets import Commitment, standing
from gaia.cost.capacity import UNKNOWN, capacity_of
from gaia.cost.document import number
from gaia.cost.limits import budget_words, quota_words
from gaia.cost.model import ZERO
from gaia.cost.quotas import MEASURES, Footprint, taken
from gaia.cost.summary import summary
from gaia.platform.services import live_services
from gaia.records import approvals, previews, requests, resources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from gaia.cost.budgets import BudgetStatus, State
    from gaia.cost.declared import Declared
    from gaia.cost.quotas import QuotaStatus
    from gaia.records.database import Transaction
    from gaia.records.model import Request, RequestKind, RequestStatus


_NO_MORE: tuple[RequestKind, ...] = ("retire", "reconcile")
"""Kinds of requests that take up nothing beside what is live."""
_APPROVED: tuple[RequestStatus, ...] = ("applying",)


def footprints(
    tx: Transaction, repository: str, *, but: str = "", approved_before: datetime | None = None
) -> tuple[Footprint, ...]:
    """What each service holds that is live, or approved and not yet applied; `but` is a request that does not count.

    A change that was begun and is not done holds what was before too: of one service the most counts. What a branch
    added to instances is nobody's service: it counts for as long as any of them exists.
    With `approved_before`, only what was approved before that.
    """
    live = live_services.by_name(tx, repository).values()
    approved = requests.find(tx, repository, statuses=_APPROVED)
    unfinished = [one for each in live if each.status != "done" for one in live_services.before(tx, each)]
    there = {one.key for one in resources.living(tx, repository)}
    added = [one for one in requests.applied_proposals(tx, repository) if not there.isdisjoint(one.instances)]
    every = (*live, *unfinished, *approved, *added)
    found = {one.id: one for one in every if one.kind not in _NO_MORE and one.id != but}
    if approved_before is not None:
        later = {one.request for one in approvals.live_of(tx, list(found)) if one.at >= approved_before}
        found = {name: one for name, one in found.items() if name not in later}
    judged = previews.latest_judgements(tx, [(one.id, str(one.preview)) for one in found.values()])
    return tuple(
        of_request(one, judgement.cost if (judgement := judged.get((one.id, str(one.preview)))) else {}, _state(one))
        for one in found.values()
    )


def takes_no_more(tx: Transaction, request: Request, cost: Mapping[str, Any]) -> bool:
    """Whether a change costs and takes up no more than what it changes, for all that is known and limited."""
    if request.is_proposal:
        found = summary(cost) if cost else None
        return found is not None and found.difference_complete and (found.diff_monthly or ZERO) <= ZERO
    if request.follows is None:
        return False
    old = requests.get(tx, request.follows)
    key = (old.id, str(old.preview))
    judged = previews.latest_judgements(tx, [key]).get(key)
    before, after = of_request(old, judged.cost if judged else {}, "applied"), of_request(request, cost, "asked")
    pairs = [(before.of(measure), after.of(measure)) for measure in MEASURES]
    same = before.commitment.currency == after.commitment.currency
    return same and all(was is not None and now is not None and now <= was for was, now in pairs)


def of_request(request: Request, cost: Mapping[str, Any], state: State) -> Footprint:
    """What a request's service costs and takes up by an estimate, empty where there is none."""
    since = request.updated_at if state == "applied" else None
    monthly, currency = _difference(cost) if request.is_proposal else _expected(cost)
    commitment = Commitment(
        request.tenant, request.stage, request.service, request.stack, monthly, state, currency, since
    )
    return Footprint(commitment, capacity_of(cost) if cost else UNKNOWN, len(request.parts) or 1)


def _difference(cost: Mapping[str, Any]) -> tuple[Decimal | None, str]:
    """What a proposal makes its instances cost more: what they cost before is somebody's already."""
    found = summary(cost) if cost else None
    if found is None or not found.difference_complete:
        return None, found.currency if found else "USD"
    return max(found.diff_monthly or ZERO, ZERO), found.currency


def _state(request: Request) -> State:
    return "applied" if request.status == "done" else "approved"


def _expected(cost: Mapping[str, Any]) -> tuple[Decimal | None, str]:
    """What is expected a month, usage that is assumed included; None where a price is missing."""
    if not cost:
        return None, "USD"
    found = summary(cost)
    return found.range.expected if found.total_complete else None, found.currency


def input_of(declared: Declared, ledger: Sequence[Footprint], now: datetime) -> dict[str, Any]:
    """`budgets` and `quotas` that what is asked for is in, as rules read them: what is not known is not there.

    `share` is what the service that is asked for takes by itself and `limit` the most that there may be, as texts: they
    stay as they are whatever other services do, so that a waiver may be of them. `words` are for people to read.
    """
    mine = next(one for one in ledger if one.commitment.state == "asked")
    budgets = [one for one in declared.budgets if one.scope.holds(mine.commitment)]
    quotas = [one for one in declared.quotas if one.scope.holds(mine.commitment)]
    return {
        "budgets": [
            _budget(one, mine.commitment) for one in standing(budgets, [each.commitment for each in ledger], now)
        ],
        "quotas": [_quota(one, mine) for one in taken(quotas, ledger)],
    }


def _budget(status: BudgetStatus, mine: Commitment) -> dict[str, Any]:
    figures = {"left": status.left, "forecast": status.forecast}
    return {
        "scope": str(status.budget.scope),
        "currency": status.budget.currency,
        "amount": float(status.budget.monthly),
        "limit": number(status.budget.monthly),
        "committed": float(status.committed),
        "reserved": float(status.reserved),
        "asked": float(status.asked),
        "crossed": [float(one) for one in status.crossed],
        "unknown": list(status.unknown),
        "verdict": status.verdict,
        "words": budget_words(status),
        **_share(mine.monthly if mine.currency == status.budget.currency else None),
        **{name: float(figure) for name, figure in figures.items() if figure is not None},
    }


def _quota(status: QuotaStatus, mine: Footprint) -> dict[str, Any]:
    return {
        "scope": str(status.scope),
        "measure": status.measure,
        "most": float(status.most),
        "limit": number(status.most),
        "used": float(status.used),
        "unknown": list(status.unknown),
        "verdict": status.verdict,
        "words": quota_words(status),
        **_share(mine.of(status.measure)),
    }


def _share(amount: Decimal | None) -> dict[str, str]:
    return {} if amount is None else {"share": number(amount)}
