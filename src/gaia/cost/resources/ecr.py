"""Amazon ECR: images by the GB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import Bill, Builder, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource


class Repository(Builder):
    """A private repository."""

    types = ("aws_ecr_repository",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """What its images need."""
        price = PriceKey("AmazonECR", "EC2 Container Registry", "storage")
        return Bill((used("Storage", "GB", price, resource.usage.number("storage_gb")),))
