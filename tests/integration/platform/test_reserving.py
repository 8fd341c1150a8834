"""Approvals at once on PostgreSQL, where writers do not wait for each other by themselves."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.postgresql import server, url
from tests.unit.platform.approvals.test_reserving import FITTING, RUNS, hold_the_budget

from gaia.records.database import Database

pytestmark = pytest.mark.cloud
__all__ = ["server", "url"]


@given(FITTING, st.integers(1, 5))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_approvals_at_once_take_no_more_than_there_is(url: str, fitting: tuple[int, list[int]], services: int) -> None:
    """The same as on SQLite."""
    database = Database.open(url)
    try:
        hold_the_budget(database, fitting[1], fitting[0], services, f"t{next(RUNS)}")
    finally:
        database.close()
