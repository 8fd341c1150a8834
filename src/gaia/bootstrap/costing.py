"""Plans priced: of files that are handed in, and of instances of a checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.bootstrap.given_plans import region_of
from gaia.bootstrap.judging import Judging

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.checkout.checkout import Checkout
    from gaia.stacks.model import Instance
    from gaia.terraform.plan import Plan


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
            NotFound, Invalid: as `read_given_plan` and `usage`. Unavailable, ToolFailed: what prices cannot be used.
        """
        from gaia.terraform.given_plan import read_given_plan

        document = read_given_plan(self.settings.cwd / plan, str(plan))
        return self._estimate_of_file(document, plan, usage, parity=parity)

    def plan_file_what_if(
        self, plan: Path, values: Mapping[str, object], usage: Path | None = None, *, parity: bool = False
    ) -> Mapping[str, Any]:
        """Infracost JSON of what other values of variables would change of what a plan JSON leads to.

        Raises:
            Invalid: `what-if-needs-plan` where only another plan tells it, `variable-unknown`. As `plan_file_cost`;
                see `_check_own`.
        """
        from gaia.cost.what_if import NeedsPlan, changed
        from gaia.errors import Invalid
        from gaia.terraform.given_plan import read_given_plan

        self._check_own()
        try:
            change = changed(read_given_plan(self.settings.cwd / plan, str(plan)), values)
        except NeedsPlan as error:
            raise Invalid(
                "what-if-needs-plan",
                f"{plan} does not tell what that costs: {error}",
                next_step="Plan with the changed variable, or name a component of a repository and its stack.",
            ) from error
        return self._estimate_of_file(change, plan, usage, parity=parity)

    def instance_what_if(
        self,
        checkout: Checkout,
        instance: Instance,
        values: Mapping[str, object],
        planned: Callable[[Instance], Plan],
        usage: Path | None = None,
        *,
        replan: bool = False,
        parity: bool = False,
    ) -> tuple[Mapping[str, Any], str]:
        """Infracost JSON of what other values of an instance's variables would change, and why it was planned for that.

        It is planned as it is; with the values too where only that tells, or with `replan`. The text is empty where
        that was not needed.

        Raises:
            Invalid: `variable-unknown`. As `planned` and `instance_cost`; see `_check_own`.
        """
        from dataclasses import replace

        from gaia.cost.what_if import NeedsPlan, between, changed
        from gaia.platform.instances.estimates import estimate_of

        self._check_own()
        now, why = planned(instance).raw, "as was asked for"
        try:
            change = changed(now, values)
        except NeedsPlan as error:
            why, replan = str(error), True
        if replan:
            left = tuple(one for one in instance.references if one[0][:1] != ("vars",) or one[0][1] not in values)
            other = replace(instance, vars={**instance.vars, **values}, references=left)
            change = between(now, self._with_values(planned, other, values).raw)
        found = estimate_of(checkout.files, instance, change, usage=self.usage(usage), parity=parity)
        return found, why if replan else ""

    @staticmethod
    def _with_values(planned: Callable[[Instance], Plan], other: Instance, values: Mapping[str, object]) -> Plan:
        """The plan with other values. What is wrong with those stands in no file: no line is to blame."""
        from gaia.errors import GaiaError

        try:
            return planned(other)
        except GaiaError as error:
            error.at = None
            error.message = f"with another {' and '.join(values)}: {error.message}"
            raise

    def _check_own(self) -> None:
        """Raise `Unavailable("infracost-what-if")` where infracost prices: it reads more of a plan than is changed."""
        from gaia.errors import Unavailable

        if self.estimator().name != "gaia":
            raise Unavailable(
                "infracost-what-if",
                "infracost prices plans as terraform made them, and GAIA_INFRACOST asks for it; nothing was priced",
                next_step="Take GAIA_INFRACOST away to price with Gaia's own engine.",
            )

    def _estimate_of_file(
        self, document: Mapping[str, Any], plan: Path, usage: Path | None, *, parity: bool
    ) -> Mapping[str, Any]:
        return self.estimator().estimate(
            document,
            usage=self.usage(usage),
            project=str(plan),
            region_default=region_of(self.settings),
            parity=parity,
        )

    def instance_cost(
        self, checkout: Checkout, instance: Instance, plan: Plan, usage: Path | None = None, *, parity: bool = False
    ) -> Mapping[str, Any]:
        """Infracost JSON of the plan of an instance; a usage file adds to what its settings say, and wins.

        Raises:
            Invalid: `scope-invalid`, `usage-invalid`; as `usage`. Unavailable, ToolFailed: what prices cannot be used.
        """
        from gaia.platform.instances.estimates import estimate_of

        return estimate_of(checkout.files, instance, plan.raw, usage=self.usage(usage), parity=parity)
