"""What Prometheus reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

from gaia.kit import telemetry
from gaia.platform.views.measures import Measures

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop


def samples(text: bytes) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Prometheus's own reading of it."""
    families = text_string_to_metric_families(text.decode())
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def value(text: bytes, name: str, **labels: str) -> float:
    """One sample."""
    return samples(text)[name, frozenset(labels.items())]


def test_what_runs_did_is_counted_from_queued_to_ended(loop: Loop) -> None:
    """A request from its wish to its end, as the process that carried it out saw it."""
    measures = Measures()
    with telemetry.listening(measures):
        request = loop.done()
        waiting = loop.written("other")
    text = measures.text(loop.platform.database)
    assert value(text, "gaia_runs_ended_total", kind="preview", status="done") == 1
    assert value(text, "gaia_runs_ended_total", kind="apply", status="done") == 1
    assert value(text, "gaia_run_seconds_count", kind="apply") == 1
    assert value(text, "gaia_run_wait_seconds_count", kind="preview") == 1
    assert value(text, "gaia_step_seconds_count", step="apply", outcome="done") == 2
    assert value(text, "gaia_step_seconds_count", step="judge", outcome="done") == 1
    assert value(text, "gaia_requests", repository="platform", status="done") == 1
    assert value(text, "gaia_runs", kind="preview", status="queued") == 1
    assert 0 <= value(text, "gaia_oldest_run_seconds", status="queued") < 60
    assert value(text, "gaia_oldest_run_seconds", status="running") == 0
    assert value(text, "gaia_database_up") == 1
    assert not any(word in text.decode() for word in (request, waiting, "photos", "hello", "hunter", "acme", "ann"))


def test_no_label_has_values_that_people_can_make(loop: Loop) -> None:
    """However many services, tenants and people there are, there are as many series."""
    measures = Measures()
    with telemetry.listening(measures):
        loop.done()
        few = len(samples(measures.text(loop.platform.database)))
        for service in ("movies", "music", "books"):
            loop.done(service)
    assert len(samples(measures.text(loop.platform.database))) == few


def test_a_terraform_is_measured_by_its_command() -> None:
    """Time and memory; what ended badly is told apart."""
    measures = Measures()
    with telemetry.listening(measures):
        for outcome in ("done", "failed"):
            with telemetry.span("terraform", command="plan", instance="acme-use1-dev/vpc") as told:
                told.note(outcome=outcome, exit_code=0, peak_bytes=600 * 2**20)
    text = measures.without_records()
    assert value(text, "gaia_terraform_seconds_count", command="plan", outcome="failed") == 1
    assert value(text, "gaia_terraform_peak_bytes_bucket", command="plan", le="5.36870912e+08") == 0
    assert value(text, "gaia_terraform_peak_bytes_bucket", command="plan", le="1.073741824e+09") == 2
    assert b"vpc" not in text


def test_chores_takeovers_and_runs_that_broke_off_are_counted() -> None:
    """A chore that failed has no new time at which it went well."""
    measures = Measures()
    with telemetry.listening(measures):
        for chore, outcome in (("notify", "done"), ("expire", "failed")):
            with telemetry.span("chore", chore=chore) as told:
                told.note(outcome=outcome)
        telemetry.tell("takeover", run="run_1", worker="wrk_1")
        telemetry.tell("broken-off", run="run_1", error="Unavailable")
    text = measures.without_records()
    assert value(text, "gaia_chores_total", chore="expire", outcome="failed") == 1
    assert value(text, "gaia_chore_success_timestamp_seconds", chore="notify") > 0
    assert ("gaia_chore_success_timestamp_seconds", frozenset({("chore", "expire")})) not in samples(text)
    assert value(text, "gaia_runs_taken_over_total") == value(text, "gaia_runs_broken_off_total") == 1
