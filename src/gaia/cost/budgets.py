"""What may be spent a month, and what is left of it: pure arithmetic over declarations and commitments.

A budget is declared for a tenant, a stage and a service, each of which may be `*`. A commitment is what one service
costs a month in one of three states. What is approved and not yet applied counts beside what is applied, and what is
asked for beside both; of one service in several states the dearest counts once, for it is what it may come to. A cost
that is not known is never zero: it leaves a verdict undecided, unless what is known is too much already.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from gaia.cost.model import ZERO
from gaia.cost.priced import divided

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from gaia.errors import Position

ANY = "*"
State = Literal["applied", "approved", "asked"]
"""What exists; what may be made, but is not; what is being asked for."""
Verdict = Literal["allow", "warn", "deny", "undecided"]
_STATES: tuple[State, ...] = ("applied", "approved", "asked")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Scope:
    """A tenant, a stage and a service; `*` stands for every one."""

    tenant: str = ANY
    stage: str = ANY
    service: str = ANY

    def holds(self, commitment: Commitment) -> bool:
        """Whether a commitment is in it."""
        pairs = zip(
            (self.tenant, self.stage, self.service),
            (commitment.tenant, commitment.stage, commitment.service),
            strict=True,
        )
        return all(mine in (ANY, theirs) for mine, theirs in pairs)

    def __str__(self) -> str:
        """`acme/dev/*`."""
        return f"{self.tenant}/{self.stage}/{self.service}"


@dataclass(frozen=True, slots=True)
class Budget:
    """So much a month for everything in a scope."""

    scope: Scope
    monthly: Decimal
    currency: str
    alerts: tuple[Decimal, ...]
    """Thresholds in percent, rising."""
    at: Position
    published: bool = True
    """Whether it is on the branch that counts; else it limits nobody yet."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a service costs a month; None where nobody knows."""

    tenant: str
    stage: str
    service: str
    stack: str
    monthly: Decimal | None
    state: State
    currency: str = "USD"
    since: datetime | None = None
    """From when it costs anything; None: since before this month, or from now on where it is not applied."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The service that it is of."""
        return (self.tenant, self.stage, self.stack, self.service)


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """Where a budget stands. Figures are sums of what is known; `unknown` names the services that are in none."""

    budget: Budget
    committed: Decimal
    """What is applied."""
    reserved: Decimal
    """What is approved besides, and not yet applied."""
    asked: Decimal
    """What is asked for besides both."""
    forecast: Decimal | None
    """What this calendar month will have cost at its end; None where that is not wholly known."""
    crossed: tuple[Decimal, ...]
    """Thresholds that are reached for sure."""
    unknown: tuple[str, ...]
    verdict: Verdict

    @property
    def total(self) -> Decimal:
        """All that is known to count."""
        return self.committed + self.reserved + self.asked

    @property
    def left(self) -> Decimal | None:
        """What may still be spent, negative where too much is; None where that is not wholly known."""
        return None if self.unknown else self.budget.monthly - self.total


def standing(budgets: Iterable[Budget], ledger: Sequence[Commitment], now: datetime) -> tuple[BudgetStatus, ...]:
    """Each budget with what counts against it."""
    return tuple(_status(budget, [one for one in ledger if budget.scope.holds(one)], now) for budget in budgets)


def _status(budget: Budget, ledger: Sequence[Commitment], now: datetime) -> BudgetStatus:
    counted = dict.fromkeys(_STATES, ZERO)
    unknown = []
    for service in dict.fromkeys(one.key for one in ledger):
        mine = [one for one in ledger if one.key == service]
        highest = ZERO
        for state in _STATES:
            amounts = [_amount(one, budget) for one in mine if one.state == state]
            more = max((amount for amount in amounts if amount is not None), default=ZERO) - highest
            counted[state] += max(more, ZERO)
            highest += max(more, ZERO)
        if any(_amount(one, budget) is None for one in mine):
            unknown.append(mine[0].service)
    total = sum(counted.values(), ZERO)
    crossed = tuple(percent for percent in budget.alerts if total * _HUNDRED >= budget.monthly * percent and total)
    return BudgetStatus(
        budget,
        committed=counted["applied"],
        reserved=counted["approved"],
        asked=counted["asked"],
        forecast=None if unknown else forecast(ledger, budget, now),
        crossed=crossed,
        unknown=tuple(sorted(set(unknown))),
        verdict=verdict(total, budget.monthly, unknown=bool(unknown), warn=bool(crossed)),
    )


def verdict(total: Decimal, most: Decimal, *, unknown: bool, warn: bool = False) -> Verdict:
    """Too much is too much whatever else is unknown; below that, what is unknown decides nothing."""
    if total > most:
        return "deny"
    return "undecided" if unknown else "warn" if warn else "allow"


def forecast(ledger: Sequence[Commitment], budget: Budget, now: datetime) -> Decimal | None:
    """What the calendar month of `now` will have cost at its end, by the part of it in which each service runs.

    What is approved or asked for runs from now on, in the place of what is applied of the same service.
    """
    begin = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    length = Decimal(monthrange(now.year, now.month)[1] * 86400)
    total = ZERO
    for service in dict.fromkeys(one.key for one in ledger):
        mine = [one for one in ledger if one.key == service]
        changed = any(one.state in ("approved", "asked") for one in mine)
        dearest = max((_amount(one, budget) or ZERO for one in mine), default=ZERO)
        for one in mine:
            amount = _amount(one, budget)
            if amount is None:
                return None
            if one.state == "applied":
                end = now if changed else None
                total += divided(amount * _seconds(one.since or begin, end, begin, length), length)
        if changed:
            total += divided(dearest * _seconds(now, None, begin, length), length)
    return total


def _seconds(start: datetime, end: datetime | None, begin: datetime, length: Decimal) -> Decimal:
    """Of the month that begins at `begin`, in which something runs."""
    first = max(Decimal(str((start - begin).total_seconds())), ZERO)
    last = length if end is None else min(Decimal(str((end - begin).total_seconds())), length)
    return max(last - first, ZERO)


def _amount(commitment: Commitment, budget: Budget) -> Decimal | None:
    """In the budget's currency; Gaia knows no rates, so another one is not known."""
    return commitment.monthly if commitment.currency == budget.currency else None
