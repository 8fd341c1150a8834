"""Amazon CloudWatch: logs, alarms by the metric that they watch, dashboards."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import ONE, Bill, Builder, Component, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_SERVICE = "AmazonCloudWatch"
_BANDS = ("LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold")
_METRICS_OF_A_BAND = 3
"""An alarm that detects anomalies watches the metric, and the upper and lower end of what is expected."""


class LogGroup(Builder):
    """A log group."""

    types = ("aws_cloudwatch_log_group",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """What is written into it, for half the price where it is read rarely (ours), kept and queried."""
        usage, payload = resource.usage, "Data Payload"
        rare = resource.text("log_group_class") == "INFREQUENT_ACCESS" and not resource.parity
        ingested = PriceKey(_SERVICE, payload, "logs-ingested-infrequent" if rare else "logs-ingested")
        scanned = PriceKey(_SERVICE, payload, "insights-scanned")
        stored = PriceKey(_SERVICE, "Storage Snapshot", "logs-stored")
        return Bill(
            (
                used("Data ingested", "GB", ingested, usage.number("monthly_data_ingested_gb")),
                used("Archival Storage", "GB", stored, usage.number("storage_gb")),
                used("Insights queries data scanned", "GB", scanned, usage.number("monthly_data_scanned_gb")),
            )
        )


class MetricAlarm(Builder):
    """An alarm on one metric, or on several that are put together."""

    types = ("aws_cloudwatch_metric_alarm",)

    def bill(self, resource: CostResource) -> Bill:
        """The metrics that it watches: those within a minute are dearer, anomalies need three."""
        metrics = [metric for query in resource.blocks("metric_query") for metric in query.blocks("metric")]
        count = Decimal(len(metrics)) if resource.has("metric_query") else ONE
        period = next((period for one in (*metrics, resource) if (period := one.number("period"))), None)
        # A metric that a query computes of others (`metric_query` without `metric`) has no period of its own.
        high = period is not None and period < 60
        name = f"{'High' if high else 'Standard'} resolution"
        price = PriceKey(_SERVICE, "Alarm", "high-resolution" if high else "standard")
        if resource.text("comparison_operator") in _BANDS:
            return Bill((Component(f"{name} anomaly detection", "alarms", price, monthly=count * _METRICS_OF_A_BAND),))
        return Bill((Component(name, "alarm metrics", price, monthly=count),))


class CompositeAlarm(Builder):
    """An alarm on the states of others; ours, Infracost does not know it."""

    types = ("aws_cloudwatch_composite_alarm",)

    def bill(self, resource: CostResource) -> Bill:  # noqa: ARG002 - all cost the same
        """The alarm."""
        return Bill((Component("Composite alarm", "alarms", PriceKey(_SERVICE, "Alarm", "composite"), monthly=ONE),))


class Dashboard(Builder):
    """A dashboard. The three that are free in an account are not taken off."""

    types = ("aws_cloudwatch_dashboard",)

    def bill(self, resource: CostResource) -> Bill:  # noqa: ARG002 - all cost the same
        """The dashboard."""
        return Bill((Component("Dashboard", "months", PriceKey(_SERVICE, "Dashboard", "dashboard"), monthly=ONE),))
