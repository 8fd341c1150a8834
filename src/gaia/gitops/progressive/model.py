"""How a new version comes to its traffic, and what it has to show for that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Strategy: TypeAlias = Literal["canary", "a/b", "blue/green"]
"""More and more of the traffic; what has certain headers; all of it at once, when it was looked at for long enough."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a GitOps repository says of the numbers that there are."""

    prometheus: str
    """Its address, as Flagger reaches it."""
    queries: Mapping[str, str]
    """By name, with Flagger's own placeholders; each gives one number."""


@dataclass(frozen=True, slots=True)
class Check:
    """A number, and between what it has to stay."""

    name: str
    query: str
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Progressive:
    """How one service's versions follow each other."""

    strategy: Strategy
    steps: tuple[int, ...]
    """Percent of the traffic, one step after the other; of a canary."""
    looks: int
    """How often the numbers are looked at before it gets all of it; of the others."""
    interval: int
    """Seconds between two looks."""
    failures: int
    """Looks that may fail before the version before has all traffic again."""
    checks: tuple[Check, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the requests that get the new version; of A/B."""
