"""Budgets and quotas: what is declared, and where it stands as far as anything is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.format import count, money, quantity
from gaia.cli.screens.tables import Column, Rows
from gaia.cost.priced import divided

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from rich.console import RenderableType

    from gaia.cost.budgets import BudgetStatus, Verdict
    from gaia.cost.quotas import QuotaStatus

_BUDGETS = (
    Column("Budget", "name", flows=True), Column("A month", right=True), Column("Applied", right=True),
    Column("Approved", right=True), Column("Left", right=True), Column("This month", right=True), Column(""),
)  # fmt: skip
_QUOTAS = (
    Column("Quota", "name", flows=True), Column("Of"), Column("Most", right=True), Column("Used", right=True),
    Column(""),
)  # fmt: skip
_STYLES: dict[Verdict, str] = {"allow": "good", "warn": "warn", "deny": "bad", "undecided": "unknown"}
_MEASURES = {"memory_gib": "memory, GiB", "storage_gib": "disk, GiB", "monthly": "dollars a month", "vcpu": "vCPU"}


def budgets_screen(
    budgets: Sequence[BudgetStatus], quotas: Sequence[QuotaStatus], *, known: bool
) -> list[RenderableType]:
    """A line a budget and a line a limit; without figures where nothing is `known` of what services cost."""
    if not budgets and not quotas:
        return [Text("No budgets are declared: budgets/*.yaml is where they stand.", "quiet")]
    screen: list[RenderableType] = []
    if budgets:
        screen.append(Rows(_BUDGETS, [_budget(one, known=known) for one in budgets]))
    if quotas:
        screen.append(Rows(_QUOTAS, [_quota(one, known=known) for one in quotas]))
    if not known:
        screen.append(Text("Gaia does not serve this repository, so what services cost is not known.", "quiet"))
    names = [*(one.unknown for one in budgets), *(one.unknown for one in quotas)]
    unknown = sorted({name for each in names for name in each})
    if known and unknown:
        services = count(len(unknown), "service")
        screen.append(Text(f"Not known of {services}, so in no figure: {', '.join(unknown)}.", "warn"))
    return screen


def _budget(status: BudgetStatus, *, known: bool) -> tuple[str | Text, ...]:
    def shown(amount: Decimal | None) -> str:
        if not known:
            return ""
        return "unknown" if amount is None else money(amount, status.budget.currency)

    return (
        str(status.budget.scope),
        money(status.budget.monthly, status.budget.currency),
        shown(status.committed),
        shown(status.reserved),
        shown(status.left),
        shown(status.forecast),
        _verdict(status.verdict, _percent(status), published=status.budget.published) if known else "",
    )


def _quota(status: QuotaStatus, *, known: bool) -> tuple[str | Text, ...]:
    return (
        str(status.scope),
        _MEASURES.get(status.measure, status.measure),
        quantity(status.most),
        quantity(status.used) if known else "",
        _verdict(status.verdict, "", published=status.published) if known else "",
    )


def _percent(status: BudgetStatus) -> str:
    """How much of it is taken, where an alert is reached."""
    return f"at {divided(status.total * 100, status.budget.monthly):,.0f} %" if status.budget.monthly else "alert"


def _verdict(verdict: Verdict, percent: str, *, published: bool) -> Text:
    """What is not published limits nobody, whatever it would say."""
    if not published:
        return Text("not published", "warn")
    words = {"allow": "fits", "deny": "too much", "undecided": "not known", "warn": percent}[verdict]
    return Text(words, _STYLES[verdict])
