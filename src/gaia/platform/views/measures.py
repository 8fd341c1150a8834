"""What Prometheus reads: what this process did (it listens, see `gaia.kit.telemetry`), and what stands in the records.

No figure has a label that people can make new values of: no tenant, no service, no person. Those are in the log and in
traces. `deploy/monitoring` and its rules name figures of here; a test compares.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from gaia import __version__
from gaia.kit import clock
from gaia.records import figures
from gaia.records.model import LIVE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.kit.telemetry import Span
    from gaia.records.database import Database
    from gaia.records.figures import Figures

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_LONG = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)
"""Seconds."""
_BYTES = tuple(2**power for power in range(26, 34))
"""64 MiB to 8 GiB."""


class Measures:
    """Of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._done()
        self._there()

    def _done(self) -> None:
        """What this process did."""
        self._calls = self._counter("http_requests", "Calls answered.", "method", "route", "status")
        self._call_seconds = self._seconds("http_request_seconds", "How long answers took.", "method", "route", of=())
        self._runs = self._counter("runs_ended", "Runs that ended here.", "kind", "status")
        self._run_seconds = self._seconds("run_seconds", "From queued to ended.", "kind")
        self._waits = self._seconds("run_wait_seconds", "From queued to begun.", "kind")
        self._steps = self._seconds("step_seconds", "How long steps of runs took.", "step", "outcome")
        self._terraform = self._seconds("terraform_seconds", "How long terraform ran.", "command", "outcome")
        self._memory = self._seconds(
            "terraform_peak_bytes", "Most memory of a terraform or provider.", "command", of=_BYTES
        )
        self._takeovers = self._counter("runs_taken_over", "Runs taken from workers that are gone.")
        self._broken_off = self._counter("runs_broken_off", "Runs that broke off and go on with the next engine.")
        self._chores = self._counter("chores", "What is done again and again.", "chore", "outcome")
        self._chore_done = self._gauge("chore_success_timestamp_seconds", "When it last ended well here.", "chore")

    def _there(self) -> None:
        """What stands in the records, set when somebody asks."""
        self._gauge("build_info", "The version that runs.", "version").labels(__version__).set(1)
        self._requests = self._gauge("requests", "Requests by status.", "repository", "status")
        self._live = self._gauge("runs", "Runs that are queued or running.", "kind", "status")
        self._oldest = self._gauge("oldest_run_seconds", "Age of the oldest such run; 0: there is none.", "status")
        self._workers = self._gauge("workers", "Workers that share the records and are there.")
        self._deserted = self._gauge("runs_deserted", "Runs of workers that are not there.")
        self._chore_age = self._gauge("chore_age_seconds", "Since somebody began it.", "repository", "chore")
        self._webhooks = self._gauge("webhooks", "Webhooks by state.", "state")
        self._deliveries = self._gauge("webhook_deliveries", "Deliveries by status.", "status")
        self._database = self._gauge("database_seconds", "How long reading these figures took.")
        self._up = self._gauge("database_up", "Whether the records can be read.")

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"gaia_{name}_total", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"gaia_{name}", text, labels, registry=self.registry)

    def _seconds(self, name: str, text: str, *labels: str, of: Sequence[float] = _LONG) -> Histogram:
        return Histogram(f"gaia_{name}", text, labels, registry=self.registry, buckets=of or Histogram.DEFAULT_BUCKETS)

    def begun(self, span: Span) -> None:
        """See `telemetry.Listener`."""

    def ended(self, span: Span) -> None:
        """See `telemetry.Listener`."""
        seconds, said = span.seconds or 0.0, {key: str(value) for key, value in span.facts.items()}
        match span.name:
            case "call":
                self._calls.labels(said["method"], said["route"], said["status"]).inc()
                self._call_seconds.labels(said["method"], said["route"]).observe(seconds)
            case "run":
                self._runs.labels(said["kind"], said["status"]).inc()
                self._run_seconds.labels(said["kind"]).observe(seconds)
            case "wait":
                self._waits.labels(said["kind"]).observe(seconds)
            case "step":
                self._steps.labels(said["step"], said["outcome"]).observe(seconds)
            case "terraform":
                self._terraform.labels(said["command"], said["outcome"]).observe(seconds)
                if (peak := span.facts.get("peak_bytes")) is not None:
                    self._memory.labels(said["command"]).observe(float(peak))
            case "chore":
                self._chores.labels(said["chore"], said["outcome"]).inc()
                if said["outcome"] == "done":
                    self._chore_done.labels(said["chore"]).set_to_current_time()
            case "takeover":
                self._takeovers.inc()
            case "broken-off":
                self._broken_off.inc()
            case _:
                pass

    def text(self, database: Database) -> bytes:
        """Everything, as it is now.

        Raises:
            Unavailable: what is wrong with the database; `without_records` has the rest.
        """
        began = time.perf_counter()
        with database.read() as tx:
            found = figures.read(tx)
        self._database.set(time.perf_counter() - began)
        self._up.set(1)
        self._set(found)
        return generate_latest(self.registry)

    def without_records(self) -> bytes:
        """What this process did, where the records cannot be read: of what stands there nothing is known."""
        self._up.set(0)
        for one in (self._requests, self._live, self._oldest, self._chore_age, self._webhooks, self._deliveries):
            one.clear()
        return generate_latest(self.registry)

    def _set(self, found: Figures) -> None:
        now = clock.now()
        for gauge, numbers in ((self._requests, found.requests), (self._live, found.live)):
            gauge.clear()
            for labels, number in numbers.items():
                gauge.labels(*labels).set(number)
        for status in LIVE:
            since = found.oldest.get(status)
            self._oldest.labels(status).set(max((now - since).total_seconds(), 0.0) if since else 0.0)
        self._workers.set(found.workers)
        self._deserted.set(found.deserted)
        self._chore_age.clear()
        for (repository, chore), begun in found.chores.items():
            self._chore_age.labels(repository, chore).set(max((now - begun).total_seconds(), 0.0))
        for counter, counts, known in (
            (self._webhooks, found.webhooks, ("fine", "failing", "off")),
            (self._deliveries, found.deliveries, ("waiting", "delivered", "failed")),
        ):
            for state in known:
                counter.labels(state).set(counts.get(state, 0))
