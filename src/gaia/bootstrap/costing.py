"""Plans priced: of files that are handed in, and of instances of a checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.bootstrap.judging import Judging
from gaia.bootstrap.prices import prices

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gaia.checkout.checkout import Checkout
    from gaia.stacks.model import Instance
    from gaia.terraform.plan import Plan

REGION = "us-east-1"
"""Of plans that say none, where the caller's environment says none either; the estimate says that it is assumed."""


class Costing(Judging):
    """What `gaia cost` asks."""

    def usage(self, path: Path | None) -> Mapping[str, Any]:
        """A usage file in Infracost's format; nothing where none is named.

        Raises:
            NotFound, Invalid: the file cannot be read; `usage-invalid` where it is no map.
        """
        from gaia.errors import Invalid, NotFound
        from gaia.kit import yaml

        if path is None:
            return {}
        file = self.settings.cwd / path
        if not file.is_file():
            raise NotFound("usage-not-found", f"there is no usage file {path}", next_step="Give the path of one.")
        content = yaml.read(file, str(path)).value
        if content is not None and not isinstance(content, dict):
            raise Invalid(
                "usage-invalid",
                f"{path} is not a map",
                next_step="Give quantities by address: `resource_usage: {ADDRESS: {KEY: NUMBER}}`.",
            )
        return content or {}

    def plan_file_cost(self, plan: Path, usage: Path | None = None, *, parity: bool = False) -> Mapping[str, Any]:
        """Infracost JSON of a plan JSON, which needs no repository.

        Raises:
            NotFound, Invalid: as `read_given_plan` and `usage`. Unavailable: the price book cannot be used.
        """
        from gaia.cost.estimate import estimate
        from gaia.terraform.given_plan import read_given_plan

        document = read_given_plan(self.settings.cwd / plan, str(plan))
        environ = self.settings.environ
        return estimate(
            document,
            usage=self.usage(usage),
            book=prices(self.settings),
            project=str(plan),
            region_default=environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or REGION,
            parity=parity,
        )

    def instance_cost(
        self, checkout: Checkout, instance: Instance, plan: Plan, usage: Path | None = None, *, parity: bool = False
    ) -> Mapping[str, Any]:
        """Infracost JSON of the plan of an instance; a usage file adds to what its settings say, and wins.

        Raises:
            Invalid: `scope-invalid`, `usage-invalid`; as `usage`. Unavailable: the price book cannot be used.
        """
        from gaia.platform.estimates import estimate_of

        return estimate_of(checkout.files, instance, plan.raw, usage=self.usage(usage), parity=parity)
