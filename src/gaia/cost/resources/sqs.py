"""Amazon SQS: requests by the million, those of ordered queues dearer."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import Bill, Builder, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_CHUNK_KB = Decimal(64)


class Queue(Builder):
    """A queue, ordered or not. The million requests that are free in an account are not taken off."""

    types = ("aws_sqs_queue",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Requests, where each 64 KB count as one."""
        requests = resource.usage.number("monthly_requests")
        size = resource.usage.number("request_size_kb")
        if requests is not None and size is not None:
            requests *= (size / _CHUNK_KB).to_integral_value(ROUND_CEILING)
        price = PriceKey("AWSQueueService", "API Request", "fifo" if resource.flag("fifo_queue") else "standard")
        return Bill((used("Requests", "1M requests", price, requests, Decimal(1_000_000)),))
