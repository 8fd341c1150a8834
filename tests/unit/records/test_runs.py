"""Runs and steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

import pytest
from tests.unit.records.moments import T0

from gaia.errors import Conflict, Defect, NotFound
from gaia.records import people, repositories, runs
from gaia.records.model import RUN_TRANSITIONS, Repository, RunStatus, Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.records.database import Transaction
    from gaia.records.model import Request

LATER = T0 + timedelta(minutes=5)
PLAN = ("render", "preview", "judge")
INSTANCE = Subject("acme-use1-dev/vpc", "repo-1", "acme", "dev")


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
    """A second one is added when it has ended, parked or not."""
    request = make_request(tx)
    first = runs.add(tx, request, "preview", PLAN, at=T0)
    with pytest.raises(Conflict) as caught:
        runs.add(tx, request, "apply", PLAN, at=T0)
    assert caught.value.code == "run-live"
    runs.move(tx, first.id, ["queued"], "running", at=T0)
    runs.move(tx, first.id, ["running"], "parked", at=T0)
    second = runs.add(tx, request, "apply", PLAN, at=T0)
    assert [run.id for run in runs.live(tx)] == [second.id]


def test_attempts_are_counted_and_ends_are_dated(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """The first start is kept when another process takes it over; parking says why and what is left."""
    run = runs.add(tx, make_request(tx), "apply", PLAN, at=T0)
    started = runs.move(tx, run.id, ["queued"], "running", at=T0)
    assert (started.attempt, started.started_at, started.ended_at) == (1, T0, None)
    again = runs.move(tx, run.id, ["queued", "running"], "running", at=LATER)
    assert (again.attempt, again.started_at, again.ended_at, again.left, again.code) == (2, T0, None, (), "")
    parked = runs.move(
        tx, run.id, ["running"], "parked", at=LATER, reason="a lock", code="lock-foreign", left=("s/b", "s/c")
    )
    assert (parked.reason, parked.code, parked.left) == ("a lock", "lock-foreign", ("s/b", "s/c"))
    assert parked.ended_at == LATER
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


def test_an_operation_without_a_request_is_a_run(tx: Transaction) -> None:
    """It is of an instance, and knows who started it on which commit."""
    ada = people.add_person(tx, "ada", at=T0)
    run = runs.add(tx, INSTANCE, "operation", (), at=T0, person=ada.id, commit="c" * 40)
    assert runs.get(tx, run.id) == run
    assert (run.subject, run.request, run.kind) == ("acme-use1-dev/vpc", None, "operation")
    assert (run.person, run.commit, run.repository, run.tenant, run.stage) == (
        ada.id,
        "c" * 40,
        "repo-1",
        "acme",
        "dev",
    )
    assert runs.of_subject(tx, "repo-1", run.subject) == (run,)


def test_the_run_of_a_request_has_it_as_its_subject(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """And is found by either, oldest first; others' runs are not."""
    request = make_request(tx)
    first = runs.add(tx, request, "preview", PLAN, at=T0)
    runs.move(tx, first.id, ["queued"], "failed", at=T0)
    second = runs.add(tx, request, "apply", PLAN, at=T0)
    runs.add(tx, make_request(tx, "other"), "preview", PLAN, at=T0)
    assert (second.subject, second.request, second.person, second.commit) == (request.id, request.id, None, None)
    assert [each.id for each in runs.of_subject(tx, "repo-1", request.id)] == [first.id, second.id]
    assert [each.id for each in runs.of_request(tx, request.id)] == [first.id, second.id]
    assert runs.of_subject(tx, "repo-2", request.id) == ()


def test_a_subject_has_one_live_run_in_its_repository(tx: Transaction) -> None:
    """Another instance, and the same one of another repository, have theirs."""
    repositories.register(tx, Repository("repo-2", "/srv/other", "main"))
    first = runs.add(tx, INSTANCE, "operation", (), at=T0)
    with pytest.raises(Conflict) as caught:
        runs.add(tx, INSTANCE, "operation", (), at=T0)
    assert (caught.value.code, caught.value.facts) == ("run-live", {"subject": INSTANCE.id})
    assert caught.value.message.startswith(INSTANCE.id)
    runs.add(tx, replace(INSTANCE, repository="repo-2"), "operation", (), at=T0)
    runs.add(tx, replace(INSTANCE, id="acme-use1-dev/key"), "operation", (), at=T0)
    runs.move(tx, first.id, ["queued"], "running", at=T0)
    runs.move(tx, first.id, ["running"], "done", at=T0)
    runs.add(tx, INSTANCE, "operation", (), at=T0)


def test_live_runs_of_some_kinds(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """An engine does not pick up what somebody carries out herself."""
    mine = runs.add(tx, make_request(tx), "preview", PLAN, at=T0)
    direct = runs.add(tx, INSTANCE, "operation", (), at=T0)
    assert runs.live(tx) == (mine, direct)
    assert runs.live(tx, kinds=("preview", "apply")) == (mine,)
    assert runs.live(tx, "repo-1", kinds=["operation"]) == (direct,)
    runs.move(tx, mine.id, ["queued"], "running", at=T0)
    assert [each.id for each in runs.live(tx, kinds=["preview"])] == [mine.id]
    assert runs.live(tx, kinds=()) == ()


def test_moving_a_run_moves_no_other(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Nor does a step of one touch a step of the same name of another."""
    one, two = (runs.add(tx, make_request(tx, name), "preview", PLAN, at=T0) for name in ("one", "two"))
    runs.move(tx, one.id, ["queued"], "running", at=T0)
    runs.start_step(tx, one.id, "render", at=T0)
    runs.end_step(tx, one.id, "render", at=T0, result={"n": 1})
    assert runs.get(tx, two.id) == two
    assert [each.state for each in runs.steps_of(tx, two.id)] == ["todo"] * 3
