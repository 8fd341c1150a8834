"""Budgets and quotas as Gaia's own document, for the terminal and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.document import number, optional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.cost.budgets import BudgetStatus
    from gaia.cost.quotas import QuotaStatus


def budgets_json(budgets: Sequence[BudgetStatus], quotas: Sequence[QuotaStatus], *, known: bool) -> dict[str, object]:
    """`{known, budgets, quotas}`: figures as texts, null for what nobody knows.

    `known`: whether anything is known of what services cost; else only what is declared has figures.
    """
    return {
        "known": known,
        "budgets": [_budget(one, known=known) for one in budgets],
        "quotas": [_quota(one, known=known) for one in quotas],
    }


def _budget(status: BudgetStatus, *, known: bool) -> dict[str, object]:
    budget, scope = status.budget, status.budget.scope
    figures = {
        "committed": status.committed,
        "reserved": status.reserved,
        "forecast": status.forecast,
        "left": status.left,
    }
    return {
        "tenant": scope.tenant,
        "stage": scope.stage,
        "service": scope.service,
        "amount": number(budget.monthly),
        "currency": budget.currency,
        "alerts": [number(one) for one in budget.alerts],
        **{name: optional(figure) if known else None for name, figure in figures.items()},
        "crossed": [number(one) for one in status.crossed],
        "unknown": list(status.unknown),
        "verdict": status.verdict if known else None,
        "published": budget.published if known else None,
        "at": str(budget.at),
    }


def _quota(status: QuotaStatus, *, known: bool) -> dict[str, object]:
    return {
        "tenant": status.scope.tenant,
        "stage": status.scope.stage,
        "measure": status.measure,
        "most": number(status.most),
        "used": number(status.used) if known else None,
        "unknown": list(status.unknown),
        "verdict": status.verdict if known else None,
        "published": status.published if known else None,
    }
