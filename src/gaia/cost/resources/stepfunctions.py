"""AWS Step Functions: standard machines by transition, express ones by request, memory and duration."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import Bill, Builder, PriceKey
from gaia.cost.tiers import Tier, tiered

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_MEMORY_STEP, _DURATION_STEP = Decimal(64), Decimal(100)
_HOUR = Decimal(3600)


def _key(key: str) -> PriceKey:
    return PriceKey("AmazonStates", "AWS Step Functions", key)


_TIERS = (
    Tier("first 1K", 1000 * _HOUR, _key("duration-first-1K")),
    Tier("next 4K", 4000 * _HOUR, _key("duration-next-4K")),
    Tier("over 5K", None, _key("duration-over-5K")),
)
"""Labels count GB-hours, quantities GB-seconds."""


class StateMachine(Builder):
    """A state machine, standard unless it says otherwise."""

    types = ("aws_sfn_state_machine",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Transitions; or requests and duration."""
        said = resource.usage.number
        if (resource.text("type") or "STANDARD").casefold() != "express":
            quantity = said("monthly_transitions")
            line = used("Transitions", "1K transitions", _key("transitions"), quantity, multiplier=Decimal(1000))
            return Bill((line,))
        requests = said("monthly_requests")
        line = used("Requests", "1M requests", _key("requests"), requests, multiplier=Decimal(10**6))
        return Bill((line, *tiered("Duration", "GB-seconds", _TIERS, _gb_seconds(resource, requests))))


def _gb_seconds(resource: CostResource, requests: Decimal | None) -> Decimal | None:
    """Memory counts in steps of 64 MB, at least one, and duration in steps of 100 ms."""
    memory, duration = resource.usage.number("memory_mb"), resource.usage.number("workflow_duration_ms")
    if requests is None or memory is None or duration is None:
        return None
    memory = max(_stepped(memory, _MEMORY_STEP), _MEMORY_STEP)
    return requests * _stepped(duration, _DURATION_STEP) / 1000 * memory / 1024


def _stepped(quantity: Decimal, step: Decimal) -> Decimal:
    return (quantity / step).to_integral_value(ROUND_CEILING) * step
