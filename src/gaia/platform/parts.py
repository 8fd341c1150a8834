"""What the platform works with, put together by `gaia.bootstrap` and handed in: one for a process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.kit.interrupt import Interrupt
    from gaia.kit.keys import Key
    from gaia.kit.redact import Redactor
    from gaia.kit.slots import Slots
    from gaia.platform.acting import AuditLog
    from gaia.platform.snapshot import Snapshots
    from gaia.policy.ports import PolicyEngine
    from gaia.records.database import Database
    from gaia.records.ports import Documents
    from gaia.scaffold.clone import Clone
    from gaia.stacks.validation.component import Rego
    from gaia.terraform.command import Terraform


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where instances are worked on, and what is needed for that: of a home, or of a checkout that none serves."""

    folder: Path
    """Working directories are made below it."""
    states: Path
    """Where the states are whose backend is a relative path on this machine: one folder a component."""
    key: Key
    slots: Slots
    policy_engine: Callable[[], PolicyEngine]


@dataclass(frozen=True, slots=True)
class Parts:
    """One platform repository and everything that acts on it. Callables are made when first needed: they may fail.

    What belongs to one run (its log, what must not be shown, its wish to end) is in that run's `RunContext`.
    """

    home: Path
    environ: Mapping[str, str]
    repository: str
    """The repository's id in `records`."""
    database: Database
    key: Key
    documents: Documents
    """Previews, plans, logs and journals."""
    clone: Callable[[], Clone]
    snapshot: Snapshots
    """The platform repository at a commit: called with it."""
    terraform: Callable[[Redactor, Interrupt | None], Terraform]
    """Terraform for one run: what it learns is that run's, and so is the wish to end."""
    policy_engine: Callable[[], PolicyEngine]
    """What evaluates Rego: chosen once, by `gaia.bootstrap`."""
    interrupt: Interrupt
    """The process's wish to end: each of its runs hears it."""
    slots: Slots
    """How many may run terraform at once on this machine."""
    rego: Rego | None = None
    """Asks the Rego rules that an instance's `settings.validation` names."""

    @property
    def audit(self) -> AuditLog:
        """What was done and refused here."""
        from gaia.platform.acting import AuditLog

        return AuditLog(self.repository, self.key)

    @property
    def folder(self) -> Path:
        """`GAIA_HOME/repos/ID`: clone, exported trees, working directories."""
        return self.home / "repos" / self.repository

    @property
    def workplace(self) -> Workplace:
        """Where this repository's instances are worked on."""
        return Workplace(self.folder, self.folder / "states", self.key, self.slots, self.policy_engine)
