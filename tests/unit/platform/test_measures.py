"""What Prometheus reads, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gaia.errors import GaiaError
from gaia.kit import telemetry
from gaia.platform.measured_at import measured_at
from gaia.platform.measures import Measures

if TYPE_CHECKING:
    from pathlib import Path

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


def test_a_worker_answers_prometheus_and_nobody_else(loop: Loop) -> None:
    """`/metrics` and `/healthz`, and no other path; nothing of them is in a log."""
    measures = Measures()
    with measured_at("127.0.0.1:0", measures, loop.platform.home / "gaia.db") as address:
        answer = httpx.get(address)
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert value(answer.content, "gaia_database_up") == 1
        assert httpx.get(address.replace("/metrics", "/healthz")).text == "ok\n"
        assert httpx.get(address.replace("/metrics", "/")).status_code == 404
        assert httpx.post(address).status_code == 501


def test_where_the_records_cannot_be_read_the_rest_is_told(tmp_path: Path) -> None:
    """Prometheus keeps what the process did, and an alert can tell that the database is away."""
    with measured_at("127.0.0.1:0", Measures(), tmp_path / "missing.db") as address:
        text = httpx.get(address).content
    assert value(text, "gaia_database_up") == 0
    assert "gaia_oldest_run_seconds" not in {name for name, _ in samples(text)}


@pytest.mark.parametrize(
    "address",
    ["", "9464", ":9464", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:-1", "h:\u0663", "\x1b[2J:1x", "x" * 5000],
)
def test_what_is_no_address_is_refused(address: str, tmp_path: Path) -> None:
    """With how one is written."""
    with pytest.raises(GaiaError) as caught, measured_at(address, Measures(), tmp_path / "x.db"):
        pass
    assert caught.value.code == "metrics-address-invalid"
    assert "\x1b" not in caught.value.message


def test_an_address_that_is_taken_or_nobodys_is_said(tmp_path: Path) -> None:
    """Both ends of the range of what can be wrong with one that is written well."""
    with measured_at("127.0.0.1:0", Measures(), tmp_path / "x.db") as address:
        taken = address.removeprefix("http://").removesuffix("/metrics")
        for one in (taken, "203.0.113.9:0", "no-such-host.invalid:0"):
            with pytest.raises(GaiaError) as caught, measured_at(one, Measures(), tmp_path / "x.db"):
                pass
            assert caught.value.code == "port-unusable"
