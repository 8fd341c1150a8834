"""What was found when an instance was looked at, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

DriftResult = Literal["clean", "drifted", "not-checked", "gone"]
"""`not-checked`: nothing is known of it, and `code` says why. `gone`: it does not exist any more."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one instance."""

    id: str
    repository: str
    tenant: str
    stage: str
    stack: str
    component: str
    run: str | None
    """None where nothing was carried out, as for one that is gone."""
    at: datetime
    commit: str | None
    """What it was compared with."""
    result: DriftResult
    causes: int
    """How many causes somebody has to do something about."""
    found: str
    """A digest of these causes: two looks that found the same have the same. Empty where there is none."""
    document: str
    """The name of the document of all that was found; empty where there is none."""
    code: str
    reason: str
    since: datetime
    """When it was first found to be so, without anything else in between."""
    newest: bool
    """Whether it is the last look at its instance."""
    again: bool = False
    """Whether the instance is to be looked at as soon as there is room: it was changed since."""

    @property
    def key(self) -> str:
        """`STACK/COMPONENT`."""
        return f"{self.stack}/{self.component}"
