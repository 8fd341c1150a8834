"""Traces as a collector gets them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.collector import Collector, collecting, facts

from gaia.kit import clock, telemetry
from gaia.kit.ids import new_id
from gaia.kit.opentelemetry import ids_of, tracing, wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A real one, but for what it does with what comes."""
    with collecting() as made:
        yield made


@pytest.fixture
def traced(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[None]]:
    """A process that sends its traces there; several of them one after the other are several processes."""
    from contextlib import contextmanager

    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)

    @contextmanager
    def process() -> Iterator[None]:
        said: list[str] = []
        with tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}, said.append) as made:
            assert made is not None
            with telemetry.listening(made):
                yield
        assert said == []

    return process


def test_a_run_is_one_trace_whichever_process_carries_it_out(
    collector: Collector, traced: Callable[[], AbstractContextManager[None]]
) -> None:
    """The first one dies after a step; what the second one sends hangs under the same root, which it sends."""
    run, before = new_id("run"), new_id("run")
    with traced(), telemetry.span("step", run=run, step="hold"):
        pass
    with traced():
        with telemetry.span("step", run=run, step="apply"), telemetry.span("terraform", command="apply") as told:
            telemetry.moment("resource", phase="complete", type="aws_s3_bucket", action="create")
            told.note(outcome="done", exit_code=0)
        telemetry.tell("run", run=run, since=clock.now() - timedelta(seconds=9), before=(before,), kind="apply")
    root, hold, apply = collector.one("run apply"), collector.one("step hold"), collector.one("step apply")
    terraform = collector.one("terraform apply")
    assert (root.trace_id, root.span_id) == tuple(
        number.to_bytes(size, "big") for number, size in zip(ids_of(run), (16, 8), strict=True)
    )
    assert not root.parent_span_id
    assert {one.trace_id for one in (hold, apply, terraform)} == {root.trace_id}
    assert hold.parent_span_id == apply.parent_span_id == root.span_id
    assert terraform.parent_span_id == apply.span_id
    assert [event.name for event in terraform.events] == ["gaia.resource"]
    assert [link.trace_id for link in root.links] == [ids_of(before)[0].to_bytes(16, "big")]
    assert 9e9 <= root.end_time_unix_nano - root.start_time_unix_nano < 12e9
    assert collector.services == {"gaia"}


def test_a_call_goes_on_with_its_callers_trace_and_is_linked_with_what_it_queued(
    collector: Collector, traced: Callable[[], AbstractContextManager[None]]
) -> None:
    """In both directions; an approval hours after the preview does not make one endless trace."""
    run = new_id("run")
    with traced(), telemetry.span("call", caller=PARENT) as told:
        telemetry.queued(run)
        told.note(method="POST", route="/api/v1/services", status=202)
    call, asked = collector.one("POST /api/v1/services"), collector.one("asked")
    assert (call.trace_id.hex(), call.parent_span_id.hex()) == tuple(PARENT.split("-")[1:3])
    assert facts(call) == {
        "http.request.method": "POST", "http.route": "/api/v1/services", "http.response.status_code": 202,
    }  # fmt: skip
    assert (asked.trace_id, asked.parent_span_id) == (
        ids_of(run)[0].to_bytes(16, "big"), ids_of(run)[1].to_bytes(8, "big"),
    )  # fmt: skip
    assert [link.span_id for link in asked.links] == [call.span_id]
    assert [link.trace_id for link in call.links] == [asked.trace_id]


@pytest.mark.parametrize("caller", ["", "nonsense", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "\x1b[2J", "x" * 9000])
def test_a_traceparent_that_is_none_begins_a_trace(
    caller: str, collector: Collector, traced: Callable[[], AbstractContextManager[None]]
) -> None:
    """Whatever somebody wrote into the header."""
    with traced(), telemetry.span("call", caller=caller) as told:
        told.note(method="GET", route="/healthz", status=200)
    assert not collector.one("GET /healthz").parent_span_id


def test_a_call_that_was_refused_queued_nothing(
    collector: Collector, traced: Callable[[], AbstractContextManager[None]]
) -> None:
    """Its transaction was undone, so no run has this beginning."""
    with traced(), telemetry.span("call") as told:
        telemetry.queued(new_id("run"))
        told.note(method="POST", route="/api/v1/services", status=409)
    assert collector.named("asked") == []


def test_about_as_many_runs_are_sampled_as_were_asked_for_and_all_of_a_run_or_nothing(
    collector: Collector, traced: Callable[[], AbstractContextManager[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the run's id alone, so that every process decides alike."""
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.25")
    with traced():
        for _ in range(200):
            run = new_id("run")
            with telemetry.span("step", run=run, step="judge"):
                pass
            telemetry.tell("run", run=run, kind="preview")
    roots = {one.trace_id for one in collector.named("run preview")}
    assert 20 <= len(roots) <= 85
    assert {one.trace_id for one in collector.named("step judge")} == roots


def test_headers_for_the_collector_are_sent_and_nothing_else_of_the_environment(
    collector: Collector, traced: Callable[[], AbstractContextManager[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The collector's token goes to the collector; no token of ours is in what is sent."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20of-the-collector")
    monkeypatch.setenv("GAIA_TOKEN", "gaia_tok_canary")
    with traced(), telemetry.span("step", run=new_id("run"), step="gaia_tok_canary", instance="a/gaia_tok_canary"):
        pass
    assert {one.get("authorization") or one.get("Authorization") for one in collector.headers} == {
        "Bearer of-the-collector"
    }
    assert not any(b"canary" in body for body in collector.bodies)


def test_a_collector_that_is_away_holds_nothing_up_and_is_complained_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work ends at once; the end of the process waits no longer than its time limit."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    said: list[str] = []
    began = time.monotonic()
    with tracing({}, said.append) as made:
        assert made is not None
        with telemetry.listening(made):
            for _ in range(50):
                with telemetry.span("step", run=new_id("run"), step="judge"):
                    pass
            assert time.monotonic() - began < 1
    assert time.monotonic() - began < 5
    assert len(said) == 1
    assert said[0].startswith("Traces get lost: ")


@pytest.mark.parametrize(
    ("environ", "is_wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_traces_are_off_unless_a_collector_is_named(environ: dict[str, str], *, is_wanted: bool) -> None:
    """By the standard variables."""
    assert wanted(environ) is is_wanted


def test_another_protocol_than_is_spoken_is_said_and_nothing_is_sent() -> None:
    """The work goes on without traces."""
    said: list[str] = []
    with tracing({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, said.append) as made:
        assert made is None
    assert "http/protobuf" in said[0]


def test_nothing_of_opentelemetry_is_imported_where_traces_are_off() -> None:
    """Starting costs what it did before."""
    program = (
        "import sys; import gaia.platform.serving.serving, gaia.platform.engine.steps;"
        "import gaia.bootstrap.watched, gaia.kit.opentelemetry;"
        "from gaia.settings import Settings; from pathlib import Path;"
        "made = gaia.bootstrap.watched.traced(Settings.capture({}, Path('.')), print); made.__enter__();"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
