"""AWS CodeBuild."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.lines import used
from gaia.cost.model import FREE, Bill, Builder, PriceKey

if TYPE_CHECKING:
    from gaia.cost.model import CostResource

_SYSTEMS = {
    "LINUX_CONTAINER": "Linux",
    "LINUX_GPU_CONTAINER": "LinuxGPU",
    "ARM_CONTAINER": "ARM",
    "WINDOWS_SERVER_2019_CONTAINER": "Windows",
}
_ONE_SIZE = {"ARM_CONTAINER": "Linux (arm1.large)", "LINUX_GPU_CONTAINER": "Linux (gpu1.large)"}
"""Environments that Infracost knows in one size."""
_SIZES = ("small", "medium", "large", "2xlarge")


class Project(Builder):
    """A project: minutes of its builds, by system and size."""

    types = ("aws_codebuild_project",)
    usage_based = True

    def bill(self, resource: CostResource) -> Bill:
        """Its minutes; sizes that Infracost does not know have no price."""
        environment = resource.block("environment")
        kind, compute = environment.text("type") or "", environment.text("compute_type") or ""
        size = compute.removeprefix("BUILD_").casefold().replace("_", ".", 1)
        known = size in {f"general1.{one}" for one in _SIZES}
        if resource.parity and not known:
            return FREE
        system = "Windows" if kind == "WINDOWS_SERVER_2019_CONTAINER" else "Linux"
        key = PriceKey("CodeBuild", "Compute", f"{_SYSTEMS.get(kind, kind)}:{size.replace('general1', 'g1')}")
        quantity = resource.usage.number("monthly_build_mins")
        return Bill((used(_ONE_SIZE.get(kind, f"{system} ({size})"), "minutes", key, quantity),))
