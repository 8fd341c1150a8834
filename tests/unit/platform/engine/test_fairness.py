"""Whose run is next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from gaia.platform.engine.fairness import next_in_line
from gaia.records.model import Run

NOW = datetime(2026, 11, 30, tzinfo=UTC)
PLAIN = Run("", "req_1", "req_1", "repo-1", "", "dev", "apply", None, None, "queued", 0, NOW, None, None, "", "", ())
RUNS = st.lists(st.sampled_from("abc"), max_size=30)


def runs_of(tenants: str | list[str], first: int = 0) -> list[Run]:
    """A run of each tenant, oldest first."""
    return [replace(PLAIN, id=f"run_{first + n:04}", tenant=tenant) for n, tenant in enumerate(tenants)]


def test_a_thousand_runs_of_one_tenant_do_not_hold_up_the_first_of_another() -> None:
    """It is among the next two."""
    waiting = runs_of("a" * 1000 + "b")
    assert [one.tenant for one in next_in_line(waiting, [], 2)] == ["a", "b"]
    assert [one.tenant for one in next_in_line(waiting, runs_of("aa", 2000), 1)] == ["b"]


def test_of_one_tenant_the_oldest_is_next() -> None:
    """In the order in which they were asked for."""
    assert next_in_line(runs_of("aaa"), [], 2) == runs_of("aa")


@given(waiting=RUNS, under_way=RUNS, room=st.integers(0, 40))
def test_each_choice_is_of_a_tenant_that_has_the_fewest_under_way(
    waiting: list[str], under_way: list[str], room: int
) -> None:
    """Of those that still wait then."""
    left, busy = list(waiting), list(under_way)
    chosen = next_in_line(runs_of(waiting), runs_of(under_way, 5000), room)
    assert len(chosen) == min(room, len(waiting))
    for run in chosen:
        assert busy.count(run.tenant) == min(map(busy.count, left))
        left.remove(run.tenant)
        busy.append(run.tenant)
