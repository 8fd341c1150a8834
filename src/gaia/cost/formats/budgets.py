"""Budgets and quotas as Gaia's own document, for the terminal and for programs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gaia.cost.budgets import Budget, BudgetStatus, Scope
from gaia.cost.document import number, optional
from gaia.cost.model import ZERO
from gaia.cost.quotas import QuotaStatus
from gaia.errors import Position

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def budgets_json(budgets: Sequence[BudgetStatus], quotas: Sequence[QuotaStatus], *, known: bool) -> dict[str, object]:
    """`{known, budgets, quotas}`: figures as texts, null for what nobody knows.

    `known`: whether anything is known of what services cost; else only what is declared has figures.
    """
    return {
        "known": known,
        "budgets": [_budget(one, known=known) for one in budgets],
        "quotas": [_quota(one, known=known) for one in quotas],
    }


def read_budgets(document: Mapping[str, Any]) -> tuple[tuple[BudgetStatus, ...], tuple[QuotaStatus, ...]]:
    """What such a document, of which everything is `known`, was made of; for who shows another's."""
    return tuple(map(_read_budget, document["budgets"])), tuple(map(_read_quota, document["quotas"]))


def _read_budget(row: Mapping[str, Any]) -> BudgetStatus:
    monthly, committed, reserved = (Decimal(row[name]) for name in ("amount", "committed", "reserved"))
    file, line, column = row["at"].rsplit(":", 2)
    asked = ZERO if row["left"] is None else monthly - Decimal(row["left"]) - committed - reserved
    budget = Budget(
        Scope(row["tenant"], row["stage"], row["service"]),
        monthly,
        row["currency"],
        tuple(map(Decimal, row["alerts"])),
        Position(file, int(line), int(column)),
        row.get("published", True),
    )
    return BudgetStatus(
        budget=budget,
        committed=committed,
        reserved=reserved,
        asked=asked,
        forecast=None if row["forecast"] is None else Decimal(row["forecast"]),
        crossed=tuple(map(Decimal, row["crossed"])),
        unknown=tuple(row["unknown"]),
        verdict=row["verdict"],
    )


def _read_quota(row: Mapping[str, Any]) -> QuotaStatus:
    return QuotaStatus(
        scope=Scope(row["tenant"], row["stage"]),
        measure=row["measure"],
        most=Decimal(row["most"]),
        used=Decimal(row["used"]),
        unknown=tuple(row["unknown"]),
        verdict=row["verdict"],
        published=row.get("published", True),
    )


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
