"""What rules are and what they say: frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gaia.errors import Position

Subject = Literal["plan", "request", "manifest", "kubernetes"]
Effect = Literal["deny", "warn", "undecided"]
Severity = Literal["critical", "high", "medium", "low"]

SUBJECTS: tuple[Subject, ...] = ("plan", "request", "manifest", "kubernetes")
EFFECTS: tuple[Effect, ...] = ("deny", "undecided", "warn")
"""The rule sets that a rule file may have, the weightiest first."""
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that one rule says about one resource, or about the subject as a whole (`address` is None)."""

    rule: str
    """`SUBJECT.NAME`, for instance `plan.required_tags`."""
    effect: Effect
    title: str
    severity: Severity
    message: str
    address: str | None
    controls: tuple[str, ...]
    """Ids of the controls that the rule serves, for instance `AWS FSBP S3.8`."""
    remediation: str

    def as_json(self) -> dict[str, object]:
        """The stable machine form, with the fields' names as keys."""
        return {
            "rule": self.rule,
            "effect": self.effect,
            "title": self.title,
            "severity": self.severity,
            "message": self.message,
            "address": self.address,
            "controls": list(self.controls),
            "remediation": self.remediation,
        }


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule file: what its METADATA says and which rule sets it has."""

    name: str
    """`SUBJECT.NAME`."""
    package: str
    path: str
    effects: tuple[Effect, ...]
    title: str
    severity: Severity
    controls: tuple[str, ...]
    remediation: str


@dataclass(frozen=True, slots=True)
class Module:
    """The text of one Rego file; `path` is relative to the policies folder."""

    path: str
    text: str
    may_be_old: bool = False
    """Whether it is read as Rego v0 (`errors[message] { … }`) where it cannot be read as v1."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a reference could not be evaluated."""

    message: str
    at: Position | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The value of one reference: defined, undefined, or a problem."""

    defined: bool
    value: object = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class TestResult:
    """How one `test_…` rule ended. `message` is empty when it passed."""

    __test__ = False

    name: str
    at: Position
    passed: bool
    message: str
