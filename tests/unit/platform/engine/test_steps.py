"""How the steps of a run are carried out: what is written down, what is remembered, and how each end is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gaia.errors import Conflict, Unavailable
from gaia.platform.engine import steps
from gaia.platform.engine.steps import Step, Stop
from gaia.platform.log import read_log
from gaia.records import runs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from tests.unit.platform.loop import Loop

    from gaia.platform.context import RunContext

STOPPED = Stop("stopped", "code", "reason", ("a", "b"), "sha256:1")


class Course:
    """A run of a request that has the steps of a test; remembers how it was settled."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.request = loop.ask()
        self.run = loop.run(self.request).id
        self.ends: list[tuple[RunContext, Stop | None]] = []
        self.remembered: dict[str, dict[str, Any]] = {}

    def carry_out(self, *given: Step, needs: Mapping[str, Collection[str]] | None = None) -> Stop | None:
        """How the steps ended. `needs`: of those that are carried out side by side."""

        def call(name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
            self.remembered[name] = work()
            return self.remembered[name]

        steps.carry_out(
            self.loop.platform, self.run, call, given, lambda context, stop: self.ends.append((context, stop)),
            None if needs is None else lambda _: needs,
        )  # fmt: skip
        return self.ends[-1][1]

    def states(self) -> dict[str, tuple[str, Mapping[str, object]]]:
        """What is written down about each step."""
        with self.loop.platform.database.read() as tx:
            return {step.step: (step.state, step.result) for step in runs.steps_of(tx, self.run)}

    def log(self) -> Sequence[Mapping[str, Any]]:
        """The run's log."""
        return read_log(self.loop.platform.documents, self.run)[0]


@pytest.fixture
def course(loop: Loop) -> Course:
    """A queued run of a new request."""
    return Course(loop)


def failing(error: Exception) -> Callable[[RunContext], None]:
    """The work of a step that ends with an error."""

    def work(_: RunContext) -> None:
        raise error

    return work


def test_a_stop_is_remembered_as_json_and_comes_back_whole() -> None:
    """With what is left and what would be done instead."""
    assert Stop.from_json(STOPPED.as_json()) == STOPPED
    assert STOPPED.as_json() == {
        "stop": "stopped", "code": "code", "reason": "reason", "left": ["a", "b"], "instead": "sha256:1",
    }  # fmt: skip


def test_steps_run_in_order_and_each_sees_what_those_before_it_returned(course: Course) -> None:
    """By their names; a step that returns nothing has an empty result, and the end sees them all."""
    seen: list[Mapping[str, object]] = []

    def look(context: RunContext) -> Mapping[str, Any]:
        seen.append(context.results)
        assert context.step == ("admit", "render")[len(seen) - 1]
        return {"at": len(seen)}

    assert course.carry_out(Step("admit", look), Step("render", look), Step("resolve", lambda _: None)) is None
    assert seen == [{}, {"admit": {"at": 1}}]
    context, _ = course.ends[-1]
    assert context.step == "settle"
    assert context.results == {"admit": {"at": 1}, "render": {"at": 2}, "resolve": {}}
    assert list(course.remembered) == ["begin", "admit", "render", "resolve", "settle"]
    assert (course.remembered["begin"], course.remembered["settle"]) == ({}, {})


def test_the_run_is_running_from_the_beginning_and_each_step_while_it_works(course: Course) -> None:
    """A step that ended is done, with its result; it is running before, and the next one is still to do."""
    assert course.loop.run(course.request).status == "queued"
    during: dict[str, str] = {}

    def work(_: RunContext) -> Mapping[str, Any]:
        during.update({name: state for name, (state, _) in course.states().items()})
        assert course.loop.run(course.request).status == "running"
        return {"commit": "c"}

    course.carry_out(Step("admit", work))
    assert (during["admit"], during["render"]) == ("running", "todo")
    assert course.states()["admit"] == ("done", {"commit": "c"})


def test_a_run_may_begin_again(course: Course) -> None:
    """Another process goes on with what one that died had begun."""
    course.carry_out(Step("admit", lambda _: None))
    assert course.carry_out(Step("admit", lambda _: None)) is None


def test_the_rows_are_read_anew_for_each_step(course: Course) -> None:
    """A step sees what an earlier one wrote into the request."""
    from gaia.kit import clock
    from gaia.records import requests

    def write(context: RunContext) -> None:
        with context.platform.database.begin() as tx:
            requests.note(tx, context.request.id, at=clock.now(), branch="gaia/new")

    branches: list[str | None] = []
    course.carry_out(Step("admit", write), Step("render", lambda context: branches.append(context.request.branch)))
    assert branches == ["gaia/new"]


def test_nothing_runs_after_a_stop(course: Course) -> None:
    """The step is not done, its stop is what is remembered, and the end hears of it."""
    ran: list[str] = []
    stop = course.carry_out(
        Step("admit", lambda _: None), Step("render", lambda _: STOPPED), Step("resolve", lambda _: ran.append("no"))
    )
    assert (stop, ran) == (STOPPED, [])
    assert (course.states()["render"][0], course.states()["resolve"][0]) == ("running", "todo")
    assert course.ends[-1][0].results == {"admit": {}}
    assert course.remembered["render"]["stop"] == "stopped"


def test_stops_side_by_side_are_all_told(course: Course) -> None:
    """Each says what it left; what only waited for one of them adds nothing."""
    other = Stop("stopped", "other", "another reason", ("b", "c"))
    stop = course.carry_out(
        Step("apply a", lambda _: STOPPED, beside=True),
        Step("apply b", lambda _: other, beside=True),
        Step("apply c", lambda _: None, beside=True),
        needs={"apply a": (), "apply b": (), "apply c": ("apply a",)},
    )
    assert stop == replace(STOPPED, reason="reason; another reason", left=("a", "b", "c"))


def test_an_error_ends_the_run_with_its_code_and_next_step(course: Course) -> None:
    """The reason stands in the log too, as an error of the step."""
    error = Conflict("state-locked", "it is locked.", next_step="Wait.")
    assert course.carry_out(Step("admit", failing(error))) == Stop("stopped", "state-locked", "it is locked. Wait.")
    [line] = [line for line in course.log() if line["message"] == "it is locked. Wait."]
    assert (line["level"], line["step"]) == ("error", "admit")


def test_an_error_without_a_next_step_is_its_message(course: Course) -> None:
    """Nothing is put behind it."""
    stop = course.carry_out(Step("admit", failing(Conflict("state-locked", "it is locked", next_step=""))))
    assert stop is not None
    assert stop.reason == "it is locked"


def test_the_steps_that_are_shown_before_a_run_are_those_that_it_takes(loop: Loop) -> None:
    """A preview takes no step that was not announced; how an instance's steps begin is announced by a word."""
    request = loop.previewed()
    with loop.platform.database.read() as tx:
        taken = [(step.step, step.state) for step in runs.steps_of(tx, loop.run(request).id)]
    assert taken == [(name, "done") for name in steps.PREVIEW_STEPS]
    assert (steps.APPLY, steps.DESTROY) == ("apply", "destroy")


def test_what_nobody_expected_is_a_defect_and_its_trace_is_in_the_log(course: Course) -> None:
    """Whatever a room raises ends the run and not the engine; somebody has to be able to find it."""
    stop = course.carry_out(Step("admit", failing(KeyError("lost"))))
    assert stop is not None
    assert (stop.end, stop.code) == ("stopped", "defect")
    assert "KeyError: 'lost'" in stop.reason
    [trace] = [line for line in course.log() if "Traceback" in line["message"]]
    assert (trace["level"], trace["step"]) == ("error", "admit")
    assert "in work" in trace["message"]


@pytest.mark.parametrize(
    "error", [Conflict("state-locked", "it is hunter-two", next_step=""), ValueError("hunter-two")]
)
def test_no_secret_is_in_the_reason_or_in_the_log(course: Course, error: Exception) -> None:
    """What the run's terraform taught is hidden in messages and traces too."""

    def work(context: RunContext) -> None:
        context.redact.learn("hunter-two")
        raise error

    stop = course.carry_out(Step("admit", work))
    assert stop is not None
    assert "(sensitive)" in stop.reason
    assert "hunter-two" not in stop.reason
    assert "hunter-two" not in str(course.log())


def test_a_database_that_fails_breaks_the_run_off(course: Course) -> None:
    """Such an end could not be written down either: the next engine goes on at this step, and nothing is settled."""
    error = Unavailable("database-locked", "it is locked", next_step="Wait.")
    with pytest.raises(Unavailable) as broken:
        course.carry_out(Step("admit", failing(error)))
    assert broken.value is error
    assert course.ends == []
    assert course.states()["admit"][0] == "running"
