"""What doors show of a change that nobody requested: a plan of one instance, and how its application ended."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.platform.model import Change
    from gaia.platform.target import Target


@dataclass(frozen=True, slots=True)
class PlanView:
    """What terraform would do to one instance now, as the platform repository has it. Nothing is kept."""

    instance: str
    commit: str
    changes: tuple[Change, ...]
    target: Target
    caller: str
    """In whose name it would be changed."""
    outputs: tuple[str, ...] = ()
    """Names of the outputs that would change."""

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class InstanceChangeView:
    """How a change of one instance outside of any request ended."""

    instance: str
    commit: str
    status: str
    """`applied`, `unchanged` or `parked`."""
    changed: Mapping[str, int]
    """How many resources were created, updated, deleted."""
    resources: int
    """How many there are now."""
    outputs: Mapping[str, object]
    """Those that are not sensitive."""
    reason: str = ""
    code: str = ""
    next_step: str = ""
    left: tuple[str, ...] = ()
    by_hand: tuple[Mapping[str, str], ...] = ()
    """As of `Outcome`: where to look for what only a person can adopt, and how its import id is written."""

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return asdict(self)
