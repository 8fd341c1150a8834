"""What is told of a process, and what never is."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Conflict
from gaia.kit import telemetry
from gaia.kit.log_lines import LogLines

if TYPE_CHECKING:
    from gaia.kit.telemetry import Span


class Heard:
    """Remembers what it hears."""

    def __init__(self) -> None:
        self.began: list[Span] = []
        self.spans: list[Span] = []

    def begun(self, span: Span) -> None:
        """One has begun."""
        self.began.append(span)

    def ended(self, span: Span) -> None:
        """One has ended."""
        self.spans.append(span)


def test_where_nobody_listens_nothing_is_made() -> None:
    """The block gets something that takes facts and forgets them."""
    assert not telemetry.heard()
    with telemetry.span("step", step="judge") as told:
        told.note(outcome="done")
        telemetry.moment("resource", type="aws_s3_bucket")
        telemetry.queued("run_1")
    assert told.queued == ()


def test_a_span_knows_what_it_is_part_of() -> None:
    """A terraform within a step is of the step's run, whichever thread reads what it prints."""
    heard = Heard()
    with (
        telemetry.listening(heard),
        telemetry.span("step", run="run_1", step="preview") as step,
        telemetry.span("terraform", command="plan"),
    ):
        noted = telemetry.carried(lambda: telemetry.moment("resource", phase="start", type="aws_s3_bucket"))
        thread = threading.Thread(target=noted)
        thread.start()
        thread.join()
    inner, outer = heard.spans
    assert (inner.name, inner.run, inner.parent) == ("terraform", "run_1", step)
    assert [one.facts for one in inner.moments] == [{"phase": "start", "type": "aws_s3_bucket"}]
    assert outer.seconds is not None
    assert outer.seconds >= (inner.seconds or 0.0)


def test_only_a_call_remembers_what_it_queued() -> None:
    """A run that a chore queues was asked for by nobody."""
    heard = Heard()
    with telemetry.listening(heard):
        with telemetry.span("call"):
            telemetry.queued("run_1")
        with telemetry.span("chore", chore="expire"):
            telemetry.queued("run_2")
    assert [one.queued for one in heard.spans] == [["run_1"], []]


def test_what_raises_ends_badly_with_the_code_alone() -> None:
    """The message, which may quote anything, stays inside."""
    heard = Heard()
    with telemetry.listening(heard), pytest.raises(Conflict), telemetry.span("step", step="hold"):
        raise Conflict("lease-lost", "hunter-two", next_step="Resume it.")
    assert heard.spans[0].facts == {"step": "hold", "outcome": "raised", "code": "lease-lost"}


def test_a_listener_that_breaks_stops_nothing() -> None:
    """The others hear it all the same."""

    class Broken(Heard):
        def begun(self, span: Span) -> None:
            raise OSError(span.name)

        ended = begun

    heard = Heard()
    with telemetry.listening(Broken(), heard), telemetry.span("step", step="judge"):
        pass
    assert len(heard.spans) == 1


@pytest.mark.parametrize(
    "value",
    [
        "gaia_tok_abcdefgh",
        "eyJhbGciOiJFUzI1NiJ9.e30.x",
        "AKIAIOSFODNN7EXAMPLE",
        "two\nlines",
        "\x1b[31mred",
        "a sentence of several words",
        "x" * 201,
        'aws_s3_bucket.this["answer"]',
    ],
)
def test_what_is_no_word_of_gaia_is_not_told(value: str) -> None:
    """Of a token, a message, an address with a key of somebody's, only that there was something is known."""
    assert telemetry.told("step", {"code": value}) == {"code": "?"}


@given(st.text())
def test_whatever_is_told_is_a_plain_word(value: str) -> None:
    """Nothing that a terminal, a label or a line of a log would take for something else."""
    kept = telemetry.told("step", {"code": value, "answer": value})
    assert set(kept) <= {"code"}
    assert all(str(one).isprintable() and str(one).isascii() for one in kept.values())


def test_a_fact_that_is_in_no_list_stays_inside() -> None:
    """Deny by default, also for numbers."""
    assert telemetry.told("run", {"kind": "apply", "answers": "x", "ttl": 5}) == {"kind": "apply"}


def test_lines_of_the_log_have_the_ids_to_look_on_with() -> None:
    """A run's step, and a chore that failed; one that went well says nothing."""
    lines: list[dict[str, object]] = []
    with telemetry.listening(LogLines(lambda line: lines.append(dict(line)))):
        with telemetry.span("step", run="run_1", step="judge") as told:
            told.note(outcome="done")
        for outcome in ("done", "failed"):
            with telemetry.span("chore", chore="notify", repository="platform") as told:
                told.note(outcome=outcome, code="database-down" if outcome == "failed" else None)
    step, chore = lines
    assert (step["event"], step["run_id"], step["outcome"]) == ("step", "run_1", "done")
    assert (chore["event"], chore["code"]) == ("chore", "database-down")
