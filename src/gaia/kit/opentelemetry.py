"""Traces by OpenTelemetry's SDK, sent as OTLP over HTTP to the collector that the standard variables name.

A run is a trace of its own, whose id and whose root's are made of the run's id: whichever worker carries a step out,
months later or after another one was killed, puts it under the same root without anything having been kept. That is
sent by whoever ends the run. What belongs together but not into one trace is linked: the call that queued a run with
it in both directions, a run with those of its request before it.

The SDK reads its variables (`OTEL_…`) from the process's environment by itself, as other programs do, and is imported
only where they name a collector. Where that is, whoever runs the process has said: it is called wherever it may be,
which mostly is the machine itself, and needs no look by `kit.outgoing`.
"""

from __future__ import annotations

import hashlib
import logging
import re
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.sdk.trace.id_generator import IdGenerator
    from opentelemetry.trace import Link, SpanContext, SpanKind
    from opentelemetry.trace import Span as Traced

    from gaia.kit.telemetry import Fact, Span

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_HTTP = {
    "method": "http.request.method",
    "route": "http.route",
    "status": "http.response.status_code",
}
"""OpenTelemetry's own names for what is told of a call."""
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_ENDED_BADLY = ("stopped", "denied", "void", "failed", "raised", "parked")
_IDS: ContextVar[tuple[int, int] | None] = ContextVar("gaia_trace_ids", default=None)


def wanted(environ: Mapping[str, str]) -> bool:
    """Whether the environment asks for traces."""
    off = environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    other = environ.get("OTEL_TRACES_EXPORTER", "otlp") not in ("otlp", "")
    return any(environ.get(name) for name in ENDPOINTS) and not off and not other


@contextmanager
def tracing(environ: Mapping[str, str], tell: Callable[[str], object]) -> Iterator[Traces | None]:
    """The listener that sends traces while the block runs; None, and `tell` is told why, where it cannot be made.

    Nothing that Gaia does waits for a collector, and none of it fails for the lack of one: at the end it gets a moment.
    """
    protocol = next((environ[name] for name in PROTOCOLS if environ.get(name)), "http/protobuf")
    if protocol != "http/protobuf":
        tell(f"No traces: OTLP is spoken as http/protobuf here, not as {protocol[:40]!a}.")
        yield None
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        tell("No traces: a collector is named, but OpenTelemetry is not installed (gaia-idp[telemetry]).")
        yield None
        return
    said = _Complaints(tell)
    logger = logging.getLogger("opentelemetry")
    before = logger.propagate
    logger.addHandler(said)
    logger.propagate = False
    try:
        made = Traces.sending(OTLPSpanExporter())
        try:
            yield made
        finally:
            made.close()
    finally:
        logger.removeHandler(said)
        logger.propagate = before


class Traces:
    """Makes OpenTelemetry's spans of ours."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("gaia")

    @classmethod
    def sending(cls, exporter: SpanExporter) -> Traces:
        """By an exporter, in a thread of its own."""
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        from gaia import __version__

        resource = Resource.create({"service.version": __version__})
        if str(resource.attributes.get("service.name", "")).startswith("unknown_service"):
            resource = resource.merge(Resource({"service.name": "gaia"}))
        provider = TracerProvider(resource=resource, id_generator=_ids(), shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(exporter))
        return cls(provider)

    def close(self) -> None:
        """Send what is left; a collector that does not answer is not waited for longer than its time limit."""
        self._provider.shutdown()

    def begun(self, span: Span) -> None:
        """See `telemetry.Listener`."""
        span.kept = self._start(span)

    def ended(self, span: Span) -> None:
        """See `telemetry.Listener`."""
        from opentelemetry.trace import Link, StatusCode

        made = cast("Traced | None", span.kept) or self._start(span)
        made.update_name(_title(span))  # which form a call has is known at its end
        for key, value in span.facts.items():
            made.set_attribute(_attribute(span, key), value)
        for one in span.moments:
            made.add_event(f"gaia.{one.name}", {f"gaia.{key}": value for key, value in one.facts.items()}, _ns(one.at))
        if _is_bad(span):
            made.set_status(StatusCode.ERROR, str(span.facts.get("code") or ""))
        if span.queued and _went_well(span):
            for run in span.queued:
                root = self._root(run)
                made.add_link(root)
                self._tracer.start_span("asked", _within(root), links=[Link(made.get_span_context())]).end()
        made.end(_ns(span.began) + round((span.seconds or 0.0) * 1e9))

    def _start(self, span: Span) -> Traced:
        began = _ns(span.began)
        if span.name == "run" and span.run is not None:
            made = self._start_root(span, began)
        else:
            made = self._tracer.start_span(_title(span), self._parent(span), _kind(span), start_time=began)
        context = made.get_span_context()
        span.trace = format(context.trace_id, "032x")
        return made

    def _start_root(self, span: Span, began: int) -> Traced:
        from opentelemetry.context import Context
        from opentelemetry.trace import Link

        run = str(span.run)
        token = _IDS.set(ids_of(run))
        links: Sequence[Link] = [Link(self._root(one)) for one in span.before]
        try:
            return self._tracer.start_span("run", Context(), links=links, start_time=began)
        finally:
            _IDS.reset(token)

    def _parent(self, span: Span) -> Context:
        """The span around it, where that is of the same run; the run's root; the caller's own span; or none."""
        from opentelemetry.context import Context
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        around = span.parent
        if around is not None and around.kept is not None and around.run == span.run:
            return _within(cast("Traced", around.kept).get_span_context())
        if span.run is not None:
            return _within(self._root(span.run))
        if span.caller and _TRACEPARENT.fullmatch(span.caller):
            return TraceContextTextMapPropagator().extract({"traceparent": span.caller}, Context())
        return Context()

    def _root(self, run: str) -> SpanContext:
        """The root of a run's trace, as every process knows it: also whether it is sampled follows from its id."""
        from opentelemetry.context import Context
        from opentelemetry.sdk.trace.sampling import Decision
        from opentelemetry.trace import SpanContext, TraceFlags

        trace, root = ids_of(run)
        decided = self._provider.sampler.should_sample(Context(), trace, "run").decision
        flags = TraceFlags(TraceFlags.SAMPLED if decided is Decision.RECORD_AND_SAMPLE else TraceFlags.DEFAULT)
        return SpanContext(trace, root, is_remote=True, trace_flags=flags)


class _Complaints(logging.Handler):
    """What the SDK complains of goes to the log, once: a collector that is away would say so for each batch."""

    def __init__(self, tell: Callable[[str], object]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell
        self._said = False

    def emit(self, record: logging.LogRecord) -> None:
        if not self._said:
            self._said = True
            self._tell(f"Traces get lost: {record.msg}"[:200])  # without its arguments, which may hold what was sent


def ids_of(run: str) -> tuple[int, int]:
    """The ids of a run's trace and of its root. (A hash, since the first half of a UUIDv7 is no chance, and samplers
    decide by what they take for it.)"""
    digest = hashlib.sha256(run.encode()).digest()
    return int.from_bytes(digest[:16], "big"), int.from_bytes(digest[16:24], "big")


def _ids() -> IdGenerator:
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class Ids(RandomIdGenerator):
        """Chance, but for the root of a run."""

        def generate_trace_id(self) -> int:
            known = _IDS.get()
            return known[0] if known else super().generate_trace_id()

        def generate_span_id(self) -> int:
            known = _IDS.get()
            return known[1] if known else super().generate_span_id()

        def is_trace_id_random(self) -> bool:
            return _IDS.get() is None

    return Ids()


def _within(context: SpanContext) -> Context:
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, set_span_in_context

    return set_span_in_context(NonRecordingSpan(context), Context())


def _title(span: Span) -> str:
    facts: dict[str, Fact] = span.facts
    words: tuple[object, ...] = {
        "run": ("run", facts.get("kind")),
        "call": (facts.get("method"), facts.get("route")),
        "step": ("step", facts.get("step")),
        "terraform": ("terraform", facts.get("command")),
        "chore": ("chore", facts.get("chore")),
    }.get(span.name, (span.name,))
    return " ".join(str(word) for word in words if word)


def _kind(span: Span) -> SpanKind:
    from opentelemetry.trace import SpanKind

    return SpanKind.SERVER if span.name == "call" else SpanKind.INTERNAL


def _attribute(span: Span, key: str) -> str:
    return (_HTTP.get(key) if span.name == "call" else None) or f"gaia.{key}"


def _is_bad(span: Span) -> bool:
    if span.name == "call":
        return not _went_well(span) and int(span.facts.get("status") or 500) >= 500
    return span.name == "broken-off" or span.facts.get("outcome", span.facts.get("status")) in _ENDED_BADLY


def _went_well(span: Span) -> bool:
    return int(span.facts.get("status") or 500) < 400


def _ns(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6) * 1000
