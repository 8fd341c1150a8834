"""The files of a pull request, judged by the rules of its base: nobody changes a rule in the change that it judges."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from gaia.checkout.files import CheckoutFiles
from gaia.kit import canonical

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.cost.declared import Declared
    from gaia.cost.ports import Estimator
    from gaia.policy.rules import PolicySet
    from gaia.policy.waivers import Waiver
    from gaia.stacks.repository import Repository


class JudgedByBase(CheckoutFiles):
    """The head's configuration and code; policies, waivers and budgets of the base branch."""

    def __init__(
        self,
        repository: Repository,
        commit: str,
        estimator: Callable[[], Estimator],
        package: Callable[[], Path],
        base: CheckoutFiles,
    ) -> None:
        super().__init__(repository, commit, estimator, package)
        self.base = base

    @property
    def policies_bind(self) -> bool:  # type: ignore[override]
        """Whether a deny stops an application: as the base says it."""
        return self.base.policies_bind

    @cached_property
    def policies(self) -> PolicySet:
        """The base's, else those that come with Gaia."""
        return self.base.policies

    @cached_property
    def waivers(self) -> tuple[Waiver, ...]:
        """Those that the base has."""
        return self.base.waivers

    @cached_property
    def declared(self) -> Declared:
        """The base's budgets."""
        return self.base.declared

    @cached_property
    def rules_digest(self) -> str:
        """One digest of all that judges: policies and whether they bind, waivers, budgets."""
        said = [sorted(repr(one.words) for one in self.waivers), _budgets(self.base.repository.root)]
        return canonical.digest([self.policies.digest, self.policies_bind, said])


def _budgets(root: Path) -> list[list[str]]:
    """Every file of budgets with its text."""
    folder = root / "budgets"
    found = sorted(one for one in folder.rglob("*") if one.is_file()) if folder.is_dir() else []
    return [[one.relative_to(folder).as_posix(), one.read_text("utf-8", "replace")] for one in found]
