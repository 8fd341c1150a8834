"""One small file a service, one builder a resource type: `CostResource` in, `Bill` out, nothing else read.

A builder is imported when a plan holds its type, so the number of services costs nothing at start.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module, resources
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.cost.model import Bill, CostResource

BUILDERS = {
    "aws_kms_external_key": ("kms", "external_key"),
    "aws_kms_key": ("kms", "key"),
    "aws_s3_bucket": ("s3", "bucket"),
}
"""Module and function of each type's builder."""
USAGE_BASED = frozenset({"aws_s3_bucket"})
"""Types whose cost depends on a usage file."""
RELATED = {"aws_s3_bucket": {"aws_s3_bucket_lifecycle_configuration": "bucket"}}
"""Types that belong to a priced type, and the attribute that says to which resource."""
PROVIDERS = ("aws_", "azurerm_", "google_")
"""Types that begin with none of these (`random_id`) cost nothing by nature and are not counted."""


def builder(kind: str) -> Callable[[CostResource], Bill] | None:
    """The builder of a type; None when there is none."""
    if kind not in BUILDERS:
        return None
    module, name = BUILDERS[kind]
    return cast("Callable[[CostResource], Bill]", getattr(import_module(f"{__name__}.{module}"), name))


@cache
def free_types() -> frozenset[str]:
    """Types that AWS does not charge for."""
    return frozenset((resources.files("gaia.cost") / "free.txt").read_text("utf-8").split())
