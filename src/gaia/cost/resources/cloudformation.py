"""AWS CloudFormation: only what handles resources of third parties is billed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import FREE, Bill, Builder, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_FREE_NAMESPACES = ("aws::", "alexa::", "custom::")


class Stack(Builder):
    """A stack or stack set; free when its template names resources of AWS, of Alexa or custom ones."""

    types = ("aws_cloudformation_stack", "aws_cloudformation_stack_set")
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Operations of handlers, and what they take beyond 30 seconds."""
        template = (resource.text("template_body") or "").casefold()
        if any(namespace in template for namespace in _FREE_NAMESPACES):
            return FREE
        said = resource.usage.number
        return Bill(
            (
                used(
                    "Handler operations", "operations", _key("handler-operations"), said("monthly_handler_operations")
                ),
                used("Durations above 30s", "seconds", _key("handler-seconds"), said("monthly_duration_secs")),
            )
        )


def _key(key: str) -> PriceKey:
    return PriceKey("AWSCloudFormation", "AWS CloudFormation", key)
