"""What validation finds: mistakes and warnings, each with a place and a next step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from gaia.errors import Position

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gaia.errors import GaiaError


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake (`error`) or one thing that could be better (`warning`)."""

    code: str
    message: str
    next_step: str
    at: Position | None = None
    severity: Literal["error", "warning"] = "error"
    times: int = 1
    """How often it was found: a mistake in a catalog is in each manifest that imports it."""

    @classmethod
    def of(cls, error: GaiaError) -> Finding:
        """An error of the engine as a finding."""
        return cls(error.code, error.message, error.next_step, error.at)

    def as_json(self) -> dict[str, object]:
        """`{severity, code, message, next_step, at, times}`."""
        return {
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "next_step": self.next_step,
            "at": str(self.at) if self.at else None,
            "times": self.times,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found, and how much was looked at."""

    findings: tuple[Finding, ...]
    files: int
    stacks: int | None
    """None where it was not about stacks."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The mistakes."""
        return tuple(one for one in self.findings if one.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What could be better."""
        return tuple(one for one in self.findings if one.severity == "warning")

    def plus(self, findings: Iterable[Finding]) -> Report:
        """With what somebody else found; two rules may mean one place, so nothing is left out."""
        return replace(self, findings=tuple(sorted((*self.findings, *findings), key=_order)))


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By place; of several errors at one place, which one mistake gives, the first stays and equal ones are counted."""
    kept: dict[object, Finding] = {}
    for one in findings:
        key: object = (one.severity, one.at) if one.at else one
        first = kept.setdefault(key, one)
        if first is not one and first.code == one.code:
            kept[key] = replace(first, times=first.times + 1)
    return tuple(sorted(kept.values(), key=_order))


def _order(finding: Finding) -> tuple[str, Position, str, str]:
    return (finding.severity, finding.at or Position("", 0), finding.code, finding.message)
