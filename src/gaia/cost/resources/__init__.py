"""One small file a service, one class a resource type: `CostResource` in, `Bill` out, nothing else read.

A class is found by its type's place in `MODULES`, and imported when a plan holds the type: the number of services costs
nothing at start, and a plan of buckets reads `s3.py` alone.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module, resources
from inspect import isabstract

from gaia.cost.model import Builder

MODULES = {
    "kms": ("aws_kms_external_key", "aws_kms_key"),
    "s3": ("aws_s3_bucket",),
}
"""The types of each file here, for finding them without reading it; a test holds it against the classes."""
PROVIDERS = ("aws_", "azurerm_", "google_")
"""Types that begin with none of these (`random_id`) cost nothing by nature and are not counted."""


@cache
def builder(kind: str) -> Builder | None:
    """The builder of a type; None when there is none."""
    module = _places().get(kind)
    return next(one for one in builders(module) if kind in one.types) if module else None


def builders(module: str) -> list[Builder]:
    """The builders that a file of this folder defines."""
    found = vars(import_module(f"{__name__}.{module}")).values()
    classes = (one for one in found if isinstance(one, type) and issubclass(one, Builder) and not isabstract(one))
    return [one() for one in classes if one.__module__ == f"{__name__}.{module}"]


@cache
def _places() -> dict[str, str]:
    return {kind: module for module, kinds in MODULES.items() for kind in kinds}


@cache
def free_types() -> frozenset[str]:
    """Types that AWS does not charge for."""
    return frozenset((resources.files("gaia.cost") / "free.txt").read_text("utf-8").split())
