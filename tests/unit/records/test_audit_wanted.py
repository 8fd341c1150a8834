"""Which entries of the audit log are found, and by which index."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from tests.unit.records.moments import T0

from gaia.records import audit
from gaia.records.audit_wanted import Wanted, actions, conditions
from gaia.records.tables import audit as audit_rows

if TYPE_CHECKING:
    from gaia.kit.keys import SecretKey
    from gaia.records.database import Transaction

_HOUR = timedelta(hours=1)


@pytest.fixture
def log(tx: Transaction, key: SecretKey) -> Transaction:
    """Four entries, an hour apart."""
    told = (
        ("per_1", "request.asked"),
        ("per_2", "request.approved"),
        ("engine", "requests.x"),
        ("per_1", "token.x"),
    )
    for number, (actor, action) in enumerate(told):
        audit.append(tx, key, at=T0 + number * _HOUR, actor=actor, action=action, subject=f"s-{number}")
    return tx


@pytest.mark.parametrize(
    ("wanted", "seqs"),
    [
        (Wanted(), [1, 2, 3, 4]),
        (Wanted(actor="per_1"), [1, 4]),
        (Wanted(action="request.approved"), [2]),
        (Wanted(action="request"), [1, 2]),
        (Wanted(action="req%"), []),
        (Wanted(since=T0 + _HOUR, until=T0 + 3 * _HOUR), [2, 3]),
        (Wanted(since=(T0 + _HOUR).astimezone(timezone(-5 * _HOUR))), [2, 3, 4]),
        (Wanted(before=3), [1, 2]),
        (Wanted(after=2), [3, 4]),
        (Wanted(actor="per_1", action="token", before=4), []),
        (Wanted(service="photos"), []),
        (Wanted(stack="acme-use1-dev"), []),
    ],
)
def test_what_is_wanted_is_found(log: Transaction, wanted: Wanted, seqs: list[int]) -> None:
    """All that is asked for together; parts of a day are told apart, whatever zone they are said in."""
    where = conditions(log, wanted, {wanted.actor or ""})
    assert [one.seq for one in audit.entries(log, where=where)] == seqs
    assert [one.seq for one in audit.entries(log, where=where, newest=True, limit=1)] == seqs[-1:]


def test_each_act_is_told_once(log: Transaction, key: SecretKey) -> None:
    """By name, however often it was done."""
    audit.append(log, key, at=T0, actor="per_1", action="token.x", subject="again")
    assert actions(log) == ("request.approved", "request.asked", "requests.x", "token.x")


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted(actor="per_1"), "ix_audit_actor_seq"),
        (Wanted(action="token"), "ix_audit_action_seq"),
        (Wanted(since=T0, until=T0), "ix_audit_at_seq"),
        (Wanted(service="photos", stack="dev"), "ix_requests_service"),
        (Wanted(stack="dev"), "ix_drift_checks_instance"),
    ],
)
def test_an_index_finds_it(log: Transaction, wanted: Wanted, index: str) -> None:
    """No look at the whole of the log, nor at that of requests."""
    if log.connection.dialect.name != "sqlite":
        pytest.skip("optional: its planner looks at the number of rows")
    asked = select(audit_rows.c.facts).where(*conditions(log, wanted, {"per_1"}))
    written = asked.compile(log.connection, compile_kwargs={"literal_binds": True})
    plan = str(log.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}").all())
    assert index in plan
    assert "SCAN audit" not in plan
