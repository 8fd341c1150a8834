"""Where instances are worked on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.kit.keys import SecretKey
    from gaia.kit.slots import Slots
    from gaia.policy.ports import PolicyEngine


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where instances are worked on, and what is needed for that: of a home, or of a checkout that none serves."""

    folder: Path
    """Working directories are made below it."""
    states: Path
    """Where the states are whose backend is a relative path on this machine: one folder a component."""
    key: SecretKey
    slots: Slots
    policy_engine: Callable[[], PolicyEngine]
