"""What doors show of drift: frozen views of looks at instances."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, get_args

from gaia.records.drift_model import DriftResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.records.model import RunStatus

STATES: tuple[DriftResult, ...] = get_args(DriftResult)


@dataclass(frozen=True, slots=True)
class DriftView:
    """One look at one instance."""

    id: str
    instance: str
    """`STACK/COMPONENT`."""
    stack: str
    component: str
    tenant: str
    stage: str
    state: DriftResult
    """`clean`, `drifted`, `not-checked` (nothing is known; `code` says why), `gone` (it does not exist any more)."""
    since: str
    """When it was first found to be so, without anything else in between."""
    looked_at: str
    commit: str | None
    """The published commit that it was compared with."""
    causes: int
    """How many causes somebody has to do something about."""
    code: str
    reason: str
    run: str | None

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class LookView:
    """A run that looks at an instance."""

    id: str
    instance: str
    status: RunStatus
    created_at: str
    ended_at: str | None
    code: str
    reason: str

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class InstanceDriftView:
    """All that is known of one instance's drift."""

    instance: str
    newest: DriftView | None
    """The last look; null where there was none yet."""
    findings: tuple[Mapping[str, object], ...]
    """What it found, each as in `gaia drift`; also what is let be."""
    findings_kept: bool
    """False: they were taken away or cannot be read any more."""
    looks: tuple[DriftView, ...]
    """Newest first."""
    looking: LookView | None
    """The run that looks at it now, or will soon."""
    every: str | None
    """How often it is looked at, as `6h`; null: only when somebody asks."""
    next_at: str | None
    """When it is looked at next by itself."""
    next: str | None = field(default=None)
    """The last of `looks`, where there may be older ones."""

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return asdict(self)
