"""Composite alarms of CloudWatch. Upstream: they are known to the backend, but PutCompositeAlarm is not implemented."""

from __future__ import annotations

from typing import Any

from moto.cloudwatch.responses import CloudWatchResponse

from gaia.sandbox.patches.fitting import extend


def apply() -> None:
    """What makes a metric alarm makes one with a rule too."""
    extend(CloudWatchResponse, _Responses)


class _Responses:
    def put_composite_alarm(self: Any) -> Any:
        return self.put_metric_alarm()
