"""Amazon Lightsail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.lines import hourly
from gaia.cost.model import Bill, Builder, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_MEMORY = {
    "nano": "0.5GB",
    "micro": "1GB",
    "small": "2GB",
    "medium": "4GB",
    "large": "8GB",
    "xlarge": "16GB",
    "2xlarge": "32GB",
    "4xlarge": "64GB",
}


class Instance(Builder):
    """A virtual server of a bundle: `large_2_0`, `small_win_2_0`."""

    types = ("aws_lightsail_instance",)

    def bill(self, resource: CostResource) -> Bill:
        """Its hours."""
        bundle = (resource.text("bundle_id") or "").casefold()
        size, windows = bundle.partition("_")[0], "_win_" in bundle
        name = f"{_MEMORY.get(size, size)}{'_win' if windows else ''}"
        key = PriceKey("AmazonLightsail", "Lightsail Instance", name)
        return Bill((hourly(f"Virtual server ({'Windows' if windows else 'Linux/UNIX'})", key),))
