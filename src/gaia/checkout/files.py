"""The files of a checkout as they lie, uncommitted edits included, in the place of a snapshot of a commit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.platform.snapshot import Snapshot
from gaia.terraform.component_files import ComponentFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.cost.declared import Declared
    from gaia.cost.ports import Estimator
    from gaia.policy.rules import PolicySet
    from gaia.policy.waivers import Waiver
    from gaia.stacks.model import Instance
    from gaia.stacks.repository import Repository


class CheckoutFiles(Snapshot):
    """What the platform reads of a commit, read of a checkout instead, by the rules for a trusted local caller."""

    def __init__(
        self, repository: Repository, commit: str, estimator: Callable[[], Estimator], package: Callable[[], Path]
    ) -> None:
        top = repository.config.top
        super().__init__(commit, lambda: top, estimator)
        self._repository = repository
        self.estimator_of, self.package_of = estimator, package

    @cached_property
    def repository(self) -> Repository:
        """The configuration as the caller reads it."""
        return self._repository

    @property
    def policies_bind(self) -> bool:  # type: ignore[override]
        """The repository's own do; those of the package only report, until `gaia.policies: enforced` in atmos.yaml."""
        from gaia.policy.rules import has_own

        return has_own(self.repository.root) or self.repository.config.setting("gaia", "policies") == "enforced"

    @cached_property
    def policies(self) -> PolicySet:
        """The rules in `policies/`, else those that come with Gaia."""
        from gaia.policy.rules import PolicySet

        return PolicySet.of(self.repository.root, self.package_of)

    @cached_property
    def waivers(self) -> tuple[Waiver, ...]:
        """What `waivers/` says as it lies."""
        return self._waivers(self.repository.root)

    @cached_property
    def declared(self) -> Declared:
        """What `budgets/` says as it lies."""
        from gaia.cost.declared import read

        return read(self.repository.root)

    def copying(self, instance: Instance) -> Callable[[Path, Path], None] | None:
        """The component, what it calls and what it names; nothing else of a repository that may be large."""
        return ComponentFiles.of(instance, self.components, backends=self.backends)


@dataclass(frozen=True, slots=True)
class Revision:
    """What git says of a checkout."""

    commit: str
    """Empty outside of git, and before the first commit."""
    uncommitted: int
    """How many files differ from the commit, new ones included."""

    @classmethod
    def of(cls, folder: Path, environ: Mapping[str, str]) -> Revision:
        """Of the work tree around a folder."""
        from gaia.errors import Unavailable
        from gaia.kit.git import Git

        git = Git(folder, environ)
        try:
            head = git.attempt("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
            status = git.attempt("status", "--porcelain", "--untracked-files=all", "--", ".")
        except Unavailable:  # no git, or a work tree of another owner: what lies there is what counts
            return cls("", 0)
        if status.returncode:
            return cls("", 0)
        return cls(head.stdout.strip() if not head.returncode else "", len(status.stdout.splitlines()))

    def __str__(self) -> str:
        if not self.commit:
            return "in no commit"
        more = f" and {self.uncommitted} uncommitted file{'s' * (self.uncommitted != 1)}" if self.uncommitted else ""
        return f"at {self.commit[:12]}{more}"
