"""What a check of a plan or of objects says, for every door and every format: frozen data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gaia.policy.rules import described_as

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.errors import Position
    from gaia.policy.model import Finding, Rule, Said

Verdict = Literal["denied", "undecided", "allowed"]


@dataclass(frozen=True, slots=True)
class Cause:
    """A value that a finding goes back to."""

    attribute: str
    """The resource's attribute that is made of it."""
    variable: str
    """The variable of the component, without `var.`."""
    at: Position | None = None
    """Where the stack gives its value; else where the component declares it, with a default."""
    given: bool = False
    """Whether the stack gives it."""


_KINDS = 4
"""So many kinds that no rule knows are named."""


def _count(number: int, one: str) -> str:
    return f"{number} {one}{'s' * (number != 1)}"


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding, and where what it is about is written, as far as that is known."""

    finding: Finding
    at: Position | None = None
    """The resource's block in the component's code, or the call of the module that has it."""
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """The judgement of one plan, or of objects of Kubernetes."""

    subject: str
    """The plan's file, the instance, or the files of the objects."""
    resources: int
    """How many resources the plan changes, or how many objects there are."""
    policies: str
    """Where the rules come from, as the reader knows it."""
    digest: str
    engine: str
    rules: tuple[Rule, ...]
    findings: tuple[Placed, ...]
    unit: str = "change"
    """What `resources` counts."""
    whose: str = ""
    """Whose the rules are; see `PolicySet.whose`."""
    stage: str | None = None
    """The stage that a plan was judged for; empty where nobody says it, None of what has none."""
    unknown_kinds: Mapping[str, int] = field(default_factory=dict)
    """How many objects there are of each kind that no rule names."""

    @property
    def verdict(self) -> Verdict:
        """A no of one rule is a no."""
        effects = {each.finding.effect for each in self.findings}
        return "denied" if "deny" in effects else "undecided" if "undecided" in effects else "allowed"

    @property
    def counts(self) -> Mapping[Said, int]:
        """How many findings there are of each effect."""
        return Counter(each.finding.effect for each in self.findings)

    @property
    def looked(self) -> str:
        """Who has looked at how much: so many rules, and whose they are."""
        whose = described_as(self.policies, self.whose)
        looked = f"{_count(len(self.rules), 'rule')} of {whose} looked at {_count(self.resources, self.unit)}"
        if not (unknown := sum(self.unknown_kinds.values())):
            return looked
        kinds = ", ".join(list(self.unknown_kinds)[:_KINDS])
        more = f" and {len(self.unknown_kinds) - _KINDS} more kinds" if len(self.unknown_kinds) > _KINDS else ""
        return f"{looked}, and no rule knows the kind of {unknown} of them ({kinds}{more})"

    @property
    def about(self) -> str:
        """What was judged, and for which stage."""
        if self.stage is None:
            return self.subject
        return f"{self.subject}, for the stage {self.stage}" if self.stage else f"{self.subject}, for no stage"

    def rule(self, name: str) -> Rule | None:
        """The rule of a finding."""
        return next((rule for rule in self.rules if rule.name == name), None)

    def file_of(self, name: str) -> str:
        """The file of a rule, as the reader knows it; empty where it is not known."""
        rule = self.rule(name)
        return f"{self.policies}/{rule.path}" if rule else ""
