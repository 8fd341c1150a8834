"""Budgets: what counts against them, what is left, and what nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gaia.cost.budgets import Budget, Commitment, Scope, standing
from gaia.cost.capacity import Capacity
from gaia.cost.formats.budgets import budgets_json, read_budgets
from gaia.cost.quotas import Footprint, Quota, taken
from gaia.errors import Position

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.cost.budgets import BudgetStatus, State

NOW = datetime(2026, 11, 16, tzinfo=UTC)  # half of November is over
AT = Position("budgets/acme.yaml", 2)


def budget(amount: int = 100, scope: Scope | None = None, alerts: Sequence[int] = (50, 80)) -> Budget:
    """Of a tenant's stage."""
    return Budget(scope or Scope("acme", "dev"), Decimal(amount), "USD", tuple(Decimal(one) for one in alerts), AT)


def costs(
    monthly: float | str | None,
    state: State = "applied",
    service: str = "orders",
    *,
    tenant: str = "acme",
    currency: str = "USD",
    since: datetime | None = None,
) -> Commitment:
    """A service in development."""
    amount = None if monthly is None else Decimal(str(monthly))
    return Commitment(tenant, "dev", service, f"{tenant}-use1-dev", amount, state, currency, since)


def status(*ledger: Commitment, of: Budget | None = None) -> BudgetStatus:
    """Of one budget."""
    [found] = standing([of or budget()], ledger, NOW)
    return found


def test_what_is_approved_and_not_applied_counts() -> None:
    """Beside what exists and what is asked for."""
    found = status(costs(20), costs(15, "approved", "photos"), costs(5, "asked", "music"))
    assert (found.committed, found.reserved, found.asked) == (Decimal(20), Decimal(15), Decimal(5))
    assert (found.left, found.verdict, found.crossed) == (Decimal(60), "allow", ())


def test_a_service_in_several_states_counts_as_what_it_may_come_to() -> None:
    """A change from 20 to 50 reserves 30; one to 10 reserves nothing, and frees nothing before it is applied."""
    found = status(costs(20), costs(50, "approved"))
    assert (found.committed, found.reserved) == (Decimal(20), Decimal(30))
    found = status(costs(20), costs(10, "approved"))
    assert (found.committed, found.reserved, found.left) == (Decimal(20), Decimal(0), Decimal(80))


def test_services_of_one_name_in_other_stacks_are_others() -> None:
    """They count each."""
    other = Commitment("acme", "dev", "orders", "acme-euw1-dev", Decimal(20), "applied")
    assert status(costs(20), other).committed == Decimal(40)


@pytest.mark.parametrize(
    ("scope", "counted"),
    [
        (Scope(), 30), (Scope("acme"), 20), (Scope("acme", "dev"), 20), (Scope("acme", "prod"), 0),
        (Scope("acme", "dev", "orders"), 20), (Scope(service="orders"), 30), (Scope("acme", "dev", "photos"), 0),
    ],
)  # fmt: skip
def test_a_budget_holds_what_is_in_its_scope(scope: Scope, counted: int) -> None:
    """Tenant, stage and service, each of which may be every one."""
    found = status(costs(20), costs(10, tenant="zeta"), of=budget(scope=scope))
    assert found.total == Decimal(counted)


@pytest.mark.parametrize(
    ("amounts", "verdict", "crossed"),
    [
        ((49.99,), "allow", []), ((50,), "warn", [50]), ((80, 20), "warn", [50, 80]), ((80, 20.01), "deny", [50, 80]),
        ((None,), "undecided", []), ((60, None), "undecided", [50]), ((101, None), "deny", [50, 80]),
    ],
)  # fmt: skip
def test_a_verdict_is_of_what_is_known(amounts: tuple[float | None, ...], verdict: str, crossed: list[int]) -> None:
    """What is unknown is never zero: it decides nothing, unless the rest is too much already."""
    found = status(*(costs(amount, "asked", f"s{number}") for number, amount in enumerate(amounts)))
    assert (found.verdict, list(found.crossed)) == (verdict, [Decimal(one) for one in crossed])
    assert (found.left is None, found.forecast is None) == (None in amounts, None in amounts)


def test_another_currency_is_not_known() -> None:
    """Gaia knows no rates."""
    found = status(costs(1, currency="EUR"))
    assert (found.verdict, found.unknown) == ("undecided", ("orders",))


def test_a_budget_of_nothing_is_left_alone_by_what_costs_nothing() -> None:
    """And by nothing else; no threshold is crossed by nothing."""
    assert status(costs(0, "asked"), of=budget(0)).verdict == "allow"
    assert status(costs("0.01", "asked"), of=budget(0)).verdict == "deny"


@pytest.mark.parametrize(
    ("ledger", "forecast"),
    [
        ([costs(30)], 30),
        ([costs(30, since=datetime(2026, 9, 1, tzinfo=UTC))], 30),
        ([costs(30, since=datetime(2026, 11, 11, tzinfo=UTC))], 20),
        ([costs(30, "approved")], 15),
        ([costs(30), costs(60, "approved")], 45),
        ([costs(30), costs(10, "asked")], 30),
    ],
)  # fmt: skip
def test_the_forecast_is_of_the_part_of_the_month_in_which_something_runs(
    ledger: list[Commitment], forecast: int
) -> None:
    """What is not there yet runs from now on, in the place of what it changes."""
    assert status(*ledger).forecast == Decimal(forecast)


_AMOUNTS = some.lists(some.tuples(some.sampled_from(["a", "b", "c"]), some.integers(0, 99), some.booleans()))


@given(_AMOUNTS)
def test_one_more_approval_never_frees_anything(drawn: list[tuple[str, int, bool]]) -> None:
    """Property: the total grows or stays, and parts add up to it."""
    ledger = tuple(costs(amount, "applied" if there else "approved", name) for name, amount, there in drawn)
    before, after = status(*ledger), status(*ledger, costs(7, "approved", "d"))
    assert before.total <= after.total
    assert after.total == after.committed + after.reserved + after.asked
    assert after.left == Decimal(100) - after.total


@pytest.mark.parametrize(
    "ledger",
    [
        (costs(20), costs(15, "approved", "photos"), costs(5, "asked", "music")),
        (costs(20), costs(None, "approved", "photos")),
        (costs(200),),
        (),
    ],
)
def test_where_a_budget_stands_is_read_back_from_its_document(ledger: tuple[Commitment, ...]) -> None:
    """A terminal elsewhere shows what the server said; what is asked for beside what is not known is no figure."""
    found = status(*ledger)
    quota = Quota(
        Scope("acme", "dev"), {"monthly": Decimal(100), "services": Decimal(3)}, Position("budgets/a.yaml", 1)
    )
    quotas = taken([quota], [Footprint(one, Capacity()) for one in ledger])
    read, limits = read_budgets(budgets_json([found], quotas, known=True))
    assert read == (found if not found.unknown else replace(found, asked=Decimal(0)),)
    assert limits == quotas
