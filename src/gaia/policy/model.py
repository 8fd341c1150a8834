"""What rules are and what they say: frozen data."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gaia.errors import Position

Subject = Literal["plan", "request", "manifest", "kubernetes"]
Effect = Literal["deny", "warn", "undecided"]
Said = Literal["deny", "undecided", "waived", "warn"]
"""What is made of a finding: the rule set that it is from, or `waived` for a deny that a waiver excuses."""
Severity = Literal["critical", "high", "medium", "low"]

SUBJECTS: tuple[Subject, ...] = ("plan", "request", "manifest", "kubernetes")
EFFECTS: tuple[Effect, ...] = ("deny", "undecided", "warn")
"""The rule sets that a rule file may have, the weightiest first."""
SAID: tuple[Said, ...] = ("deny", "undecided", "waived", "warn")
"""The weightiest first."""
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Waived:
    """Whose word excuses a finding, why, and until when."""

    reason: str
    owner: str
    expires: str
    """The last day on which it holds, `YYYY-MM-DD`."""
    at: Position

    def __str__(self) -> str:
        return f"{self.owner} until {self.expires}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that one rule says about one resource, or about the subject as a whole (`address` is None)."""

    rule: str
    """`SUBJECT.NAME`, for instance `plan.required_tags`."""
    effect: Said
    title: str
    severity: Severity
    message: str
    address: str | None
    controls: tuple[str, ...]
    """Ids of the controls that the rule serves, for instance `AWS FSBP S3.8`."""
    remediation: str
    value: str = ""
    """A digest of what is wrong, for a waiver to name; empty where a finding cannot be waived."""
    waiver: Waived | None = None
    """What excuses it; then `effect` is `waived`."""

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
            **({"value": self.value} if self.value else {}),
            **({"waiver": {**asdict(self.waiver), "at": str(self.waiver.at)}} if self.waiver else {}),
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
    subject: Subject
    description: str = ""
    owner: str = ""
    """Who answers for the rule; empty where its METADATA does not say."""
    example: str = ""
    """What it has something against, as its METADATA shows it; empty where that shows nothing."""
    not_at_admission: tuple[str, ...] = ()
    """Kinds of objects that clusters have to make themselves: the rule is about files only where they are concerned."""
    line: int = 1
    rule_set: str = ""
    """What its one set is called, of a rule written for conftest: `violation`, `deny_public`."""
    excepts: bool = False
    """Whether its package has the set `exception`, which takes rules out as conftest does."""

    @property
    def foreign(self) -> bool:
        """Whether it was written for conftest: its members are texts, or objects with `msg`."""
        return bool(self.rule_set)

    def term(self, effect: Effect) -> str:
        """What an engine is asked for."""
        if not self.foreign:
            return f"data.{self.package}.{effect}"
        reference = f"data.{self.package}.{self.rule_set}"
        if not self.excepts:
            return reference
        bare = self.rule_set.partition("_")[2]
        # A difference, because a set that an engine has lost is undefined, and stays so.
        excused = f'count([1 | data.{self.package}.exception[_][_] == "{bare}"]) > 0'
        return f"{reference} - {{member | {excused}; some member in {reference}}}"


@dataclass(frozen=True, slots=True)
class Module:
    """The text of one Rego file; `path` is relative to the policies folder."""

    path: str
    text: str
    may_be_old: bool = False
    """Whether it is read as Rego v0 (`errors[message] { … }`) where it cannot be read as v1."""


def digest_of(modules: Iterable[Module]) -> str:
    """`sha256:` over paths and texts."""
    digest = hashlib.sha256()
    for module in modules:
        for part in (module.path, module.text):
            data = part.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
    return f"sha256:{digest.hexdigest()}"


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

    @classmethod
    def of(cls, held: Sequence[object]) -> Answer:
        """Of what a reference has: a list of one value, empty where it is undefined."""
        return cls(bool(held), held[0] if held else None)


@dataclass(frozen=True, slots=True)
class TestResult:
    """How one `test_…` rule ended. `message` is empty when it passed."""

    __test__ = False

    name: str
    at: Position
    passed: bool
    message: str
