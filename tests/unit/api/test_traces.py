"""From a call to what terraform did, and back, by ids alone; and what of it nobody may read there."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.collector import collecting, facts
from tests.unit.platform.loop import STACK

from gaia.kit import telemetry
from gaia.kit.log_lines import LogLines
from gaia.kit.opentelemetry import ids_of, tracing
from gaia.records import runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest
    from tests.collector import Collector
    from tests.unit.api.talk import Talk
    from tests.unit.platform.loop import Loop

CANARY = "canary-of-an-answer"


@contextmanager
def traced(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that sends its traces."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    with tracing({}, print) as made:
        assert made is not None
        with telemetry.listening(made):
            yield


def test_a_request_can_be_followed_from_the_call_to_its_publishing(
    loop: Loop, talk_to: Callable[[Loop], Talk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """API and worker are processes of their own; the approval is another call, linked with both."""
    lines: list[dict[str, object]] = []
    with collecting() as collector:
        talk = talk_to(loop)
        with traced(collector, monkeypatch):
            body = {"template": "pair", "service": "photos", "stack": STACK, "answers": {"text": CANARY}}
            asked = talk.post("services", body=body)
            assert asked.status_code == 202, asked.text
            request = asked.json()["request"]["id"]
        with traced(collector, monkeypatch), telemetry.listening(LogLines(lambda line: lines.append(dict(line)))):
            loop.carry_out(request)
        with traced(collector, monkeypatch):
            assert talk.post(f"requests/{request}/approve", "gus").status_code in (200, 202)
        with traced(collector, monkeypatch), telemetry.listening(LogLines(lambda line: lines.append(dict(line)))):
            assert loop.carry_out(request).status == "done"
    with loop.platform.database.read() as tx:
        preview, apply = (run.id for run in runs.of_request(tx, request))
    first, second = (ids_of(run)[0].to_bytes(16, "big") for run in (preview, apply))
    steps = {one.name for one in collector.spans if one.trace_id == first}
    assert steps >= {"asked", "wait", "run preview", "step admit", "step render", "step preview", "step judge"}
    steps = {one.name for one in collector.spans if one.trace_id == second}
    assert steps >= {"asked", "wait", "run apply", "step hold", "step rebase", "step apply", "step publish"}
    assert [link.trace_id for link in collector.one("run apply").links] == [first]
    calls = [one for one in collector.spans if one.name.startswith("POST ")]
    assert [[link.trace_id for link in one.links] for one in calls] == [[first], [second]]
    assert facts(collector.one("run apply"))["gaia.request"] == request
    assert [line["runs"] for line in talk.log if "runs" in line] == [[preview], [apply]]
    assert {line["trace_id"] for line in talk.log if "runs" in line} == {one.trace_id.hex() for one in calls}
    assert {line["run_id"] for line in lines} == {preview, apply}
    assert {line["trace_id"] for line in lines} == {first.hex(), second.hex()}
    told = b"".join(collector.bodies) + repr((lines, talk.log)).encode()
    for secret in (CANARY, "hunter-two", *loop.tokens.values()):
        assert secret.encode() not in told


def test_a_token_or_an_answer_that_stands_where_a_word_should_is_not_sent(
    waiting: Loop, talk_to: Callable[[Loop], Talk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a path, a query, a header or a method."""
    with collecting() as collector:
        talk = talk_to(waiting)
        token = waiting.tokens["ann"]
        with traced(collector, monkeypatch):
            talk.get(f"requests/{token}", "ann")
            talk.get(f"no/{CANARY}?x={token}", "ann", traceparent=token)
            talk.client.request("GET", f"/api/v1/requests?after={CANARY}", headers={"Authorization": f"Bearer {token}"})
            talk.client.request(CANARY.upper().replace("-", ""), "/api/v1/requests")
    sent = b"".join(collector.bodies)
    assert len(collector.spans) == 4
    assert token.encode() not in sent
    assert CANARY.encode() not in sent
    assert CANARY.upper().replace("-", "").encode() not in sent
