"""What Prometheus reads: how calls are answered, and what stands in the records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Measures:
    """Of one server process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._answers = Counter(
            "gaia_http_requests_total", "Calls answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "gaia_http_request_seconds", "How long answers took.", ("method", "route"), registry=self._registry
        )
        self._requests = Gauge(
            "gaia_requests", "Requests by status.", ("repository", "status"), registry=self._registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a call."""
        known = method if method in ("GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS") else "other"
        self._answers.labels(known, route, str(status)).inc()
        self._seconds.labels(known, route).observe(seconds)

    def text(self, requests: Mapping[str, Mapping[str, int]]) -> bytes:
        """Everything, with how many requests of each repository are in each status now."""
        self._requests.clear()
        for repository, counts in requests.items():
            for status, number in counts.items():
                self._requests.labels(repository, status).set(number)
        return generate_latest(self._registry)
