"""What the platform works with, put together by `gaia.bootstrap` and handed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.cost.book import PriceBook
    from gaia.kit.interrupt import Interrupt
    from gaia.kit.keys import Key
    from gaia.kit.redact import Redactor
    from gaia.policy.ports import Engine
    from gaia.records.database import Database
    from gaia.scaffold.clone import Clone
    from gaia.stacks.validation.component import Rego
    from gaia.terraform.command import Terraform


@dataclass(frozen=True, slots=True)
class Parts:
    """One platform repository and everything that acts on it. Callables are made when first needed: they may fail."""

    home: Path
    environ: Mapping[str, str]
    repository: str
    """The repository's id in `records`."""
    database: Database
    key: Key
    redact: Redactor
    clone: Callable[[], Clone]
    terraform: Callable[[], Terraform]
    prices: Callable[[], PriceBook]
    engine: Callable[[], Engine]
    """Evaluates the policies."""
    interrupt: Interrupt
    """The one that `terraform` heeds: it ends what it is doing and saves its state; operations are parked."""
    rego: Rego | None = None
    """Asks the Rego rules that an instance's `settings.validation` names."""

    @property
    def folder(self) -> Path:
        """`GAIA_HOME/repos/ID`: clone, exported trees, working directories."""
        return self.home / "repos" / self.repository

    @property
    def states(self) -> Path:
        """Where the states are whose backend is a relative path on this machine: one folder a component."""
        return self.folder / "states"
