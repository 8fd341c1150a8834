"""Where a budget or a quota stands, in words: the figure, the limit, and how much of the limit that is."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from gaia.cost.priced import divided
from gaia.cost.wording import money, quantity

if TYPE_CHECKING:
    from gaia.cost.budgets import BudgetStatus
    from gaia.cost.quotas import Measure, QuotaStatus

_UNITS: dict[Measure, tuple[str, str]] = {
    "services": ("service", "services"),
    "vcpu": ("vCPU", "vCPU"),
    "memory_gib": ("GiB of memory", "GiB of memory"),
    "storage_gib": ("GiB of disk", "GiB of disk"),
}


def budget_words(status: BudgetStatus) -> dict[str, str]:
    """`limit`: `$50.00 a month`; `total`: `$55.20 (111 % of it)`; `alert`: `50 %`, empty where none is reached."""
    budget = status.budget
    return {
        "limit": f"{money(budget.monthly, budget.currency)} a month",
        "total": money(status.total, budget.currency) + _part(status.total, budget.monthly),
        "alert": f"{quantity(max(status.crossed))} %" if status.crossed else "",
    }


def quota_words(status: QuotaStatus) -> dict[str, str]:
    """`limit`: `16 vCPU`, `1 service`; `total`: `18 vCPU (113 % of it)`."""
    total = measured(status.measure, status.used) + _part(status.used, status.most)
    return {"limit": measured(status.measure, status.most), "total": total}


def measured(measure: Measure, amount: Decimal) -> str:
    """An amount with its unit: `8 GiB of memory`, `$10.00 a month`."""
    if measure == "monthly":
        return f"{money(amount)} a month"
    one, many = _UNITS[measure]
    return f"{quantity(amount)} {one if amount == 1 else many}"


def _part(amount: Decimal, limit: Decimal) -> str:
    """Rounded so that what is too much is never said to be 100 %; nothing of a limit of nothing."""
    if not limit:
        return ""
    percent = divided(amount * 100, limit)
    return f" ({percent.to_integral_value(ROUND_CEILING if amount > limit else ROUND_FLOOR):,f} % of it)"
