"""Runs and steps."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, get_args

import pytest
from tests.unit.records.moments import T0

from gaia.errors import Conflict, Defect, NotFound
from gaia.records import runs
from gaia.records.model import RUN_TRANSITIONS, RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.records.database import Transaction
    from gaia.records.model import Request

LATER = T0 + timedelta(minutes=5)
PLAN = ("render", "preview", "judge")


def test_a_run_is_queued_with_its_steps_to_do(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """What will happen is known before it happens, in order."""
    request = make_request(tx)
    run = runs.add(tx, request, "preview", PLAN, at=T0)
    assert runs.get(tx, run.id) == run
    assert (run.status, run.attempt, run.tenant) == ("queued", 0, "acme")
    assert [(each.step, each.state) for each in runs.steps_of(tx, run.id)] == [(step, "todo") for step in PLAN]
    assert runs.live(tx) == runs.live(tx, "repo-1") == runs.of_request(tx, request.id) == (run,)
    assert runs.live(tx, "repo-2") == ()


def test_a_request_has_one_live_run(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Neither a second run nor a parked one may start beside it."""
    request = make_request(tx)
    first = runs.add(tx, request, "preview", PLAN, at=T0)
    with pytest.raises(Conflict) as caught:
        runs.add(tx, request, "apply", PLAN, at=T0)
    assert caught.value.code == "run-live"
    runs.move(tx, first.id, ["queued"], "running", at=T0)
    runs.move(tx, first.id, ["running"], "parked", at=T0)
    runs.add(tx, request, "apply", PLAN, at=T0)
    with pytest.raises(Conflict) as caught:
        runs.move(tx, first.id, ["parked"], "queued", at=T0)
    assert caught.value.code == "run-live"


def test_attempts_are_counted_and_ends_are_dated(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """The first start is kept; parking says why and what is left; going on clears both."""
    run = runs.add(tx, make_request(tx), "apply", PLAN, at=T0)
    started = runs.move(tx, run.id, ["queued"], "running", at=T0)
    assert (started.attempt, started.started_at, started.ended_at) == (1, T0, None)
    parked = runs.move(
        tx, run.id, ["running"], "parked", at=LATER, reason="a lock", code="lock-foreign", left=("s/b", "s/c")
    )
    assert (parked.reason, parked.code, parked.left) == ("a lock", "lock-foreign", ("s/b", "s/c"))
    assert parked.ended_at == LATER
    again = runs.move(tx, run.id, ["parked", "queued"], "running", at=LATER)
    assert (again.attempt, again.started_at, again.ended_at, again.left, again.code) == (2, T0, None, (), "")
    assert runs.move(tx, run.id, ["running"], "done", at=LATER).ended_at == LATER
    assert runs.live(tx) == ()


def test_a_run_that_moved_meanwhile_is_a_conflict(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Two engines cannot both take a queued run."""
    run = runs.add(tx, make_request(tx), "preview", PLAN, at=T0)
    runs.move(tx, run.id, ["queued"], "running", at=T0)
    with pytest.raises(Conflict) as caught:
        runs.move(tx, run.id, ["queued"], "running", at=T0)
    assert caught.value.code == "run-moved"
    assert caught.value.facts["status"] == "running"


@pytest.mark.parametrize("status", get_args(RunStatus))
@pytest.mark.parametrize("to", get_args(RunStatus))
def test_transitions_that_are_not_in_the_table_are_defects(tx: Transaction, status: RunStatus, to: RunStatus) -> None:
    """The table is asked before any row."""
    with pytest.raises(NotFound if to in RUN_TRANSITIONS[status] else Defect):
        runs.move(tx, "run_0", [status], to, at=T0)


def test_an_unknown_run_is_not_found(tx: Transaction) -> None:
    """There is one error for it."""
    with pytest.raises(NotFound) as caught:
        runs.get(tx, "run_0")
    assert caught.value.code == "run-unknown"


def test_a_step_runs_and_ends_with_scalars(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Starting and ending are dated; the result is kept."""
    run = runs.add(tx, make_request(tx), "preview", PLAN, at=T0)
    assert runs.start_step(tx, run.id, "preview", at=T0).state == "running"
    ended = runs.end_step(tx, run.id, "preview", at=LATER, result={"preview": "sha256:1", "changes": 3, "new": True})
    assert (ended.state, ended.started_at, ended.ended_at) == ("done", T0, LATER)
    assert ended.result == {"preview": "sha256:1", "changes": 3, "new": True}
    assert [each.state for each in runs.steps_of(tx, run.id)] == ["todo", "done", "todo"]


def test_a_repeated_step_begins_anew_and_a_repeated_end_keeps_the_first(
    tx: Transaction, make_request: Callable[..., Request]
) -> None:
    """Steps run at least once: both calls may come again."""
    run = runs.add(tx, make_request(tx), "preview", PLAN, at=T0)
    runs.start_step(tx, run.id, "render", at=T0)
    runs.end_step(tx, run.id, "render", at=T0, result={"n": 1})
    assert runs.end_step(tx, run.id, "render", at=LATER, result={"n": 2}).result == {"n": 1}
    again = runs.start_step(tx, run.id, "render", at=LATER)
    assert (again.state, again.started_at, again.ended_at, again.result) == ("running", LATER, None, {})


def test_a_step_that_was_not_planned_is_put_last(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Instances found on the way become steps."""
    run = runs.add(tx, make_request(tx), "apply", (), at=T0)
    for step in ("apply s/a", "apply s/b"):
        runs.start_step(tx, run.id, step, at=T0)
    assert [(each.position, each.step) for each in runs.steps_of(tx, run.id)] == [(0, "apply s/a"), (1, "apply s/b")]


def test_a_result_holds_no_documents(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Plans and values never get into the table by accident; an unknown step is a defect too."""
    run = runs.add(tx, make_request(tx), "apply", PLAN, at=T0)
    with pytest.raises(Defect) as nested:
        runs.end_step(tx, run.id, "render", at=T0, result={"plan": {"a": 1}})  # type: ignore[dict-item]
    with pytest.raises(Defect) as unknown:
        runs.end_step(tx, run.id, "fly", at=T0)
    assert (nested.value.code, unknown.value.code) == ("step-result", "step-unknown")
