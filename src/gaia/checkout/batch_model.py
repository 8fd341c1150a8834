"""What a batch says of each of its instances: planned, and ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal

from gaia.platform.model import totals_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gaia.checkout.change import Seen
    from gaia.errors import GaiaError
    from gaia.operations.instance import Outcome
    from gaia.stacks.model import Instance, InstanceKey

PlannedStatus = Literal["changes", "unchanged", "refused", "waits", "failed"]
EndStatus = Literal["applied", "unchanged", "parked", "failed", "not tried", "waits", "interrupted"]
"""`waits`: its plan needs a value that did not exist when the others were planned. `not tried`: something that it needs
did not end well, or the batch was interrupted before its turn."""
_FINE: frozenset[EndStatus] = frozenset(("applied", "unchanged"))


@dataclass(frozen=True, slots=True)
class Planned:
    """One instance of a batch, once it is planned: seen, or why not."""

    instance: Instance
    seen: Seen | None = None
    error: GaiaError | None = None
    waits: str = ""
    """Which value does not exist yet, where that is why nothing could be seen."""
    alone: str = ""
    """Why it was planned by itself, where it was."""
    cost: Mapping[str, object] = field(default_factory=dict)
    """Infracost JSON of what its plan does; empty where it does nothing."""

    @property
    def refused(self) -> bool:
        """Whether the policies say no. Those that cannot say yet are asked again of the plan that is applied."""
        verdict = self.seen.verdict if self.seen else None
        return verdict is not None and not verdict.allowed and not self.undecided

    @property
    def undecided(self) -> bool:
        """Whether policies have to decide about values that are known only at its own plan."""
        seen = self.seen
        return (
            seen is not None and seen.verdict is not None and seen.verdict.code == "policy-undecided" and not seen.file
        )

    @property
    def unchanged(self) -> bool:
        """Whether there is nothing to do."""
        return self.seen is not None and self.seen.plan.empty

    @property
    def status(self) -> PlannedStatus:
        """`changes`, `unchanged`, `refused` by policies, `waits` for what does not exist yet, or `failed`."""
        if self.seen is None:
            return "failed" if self.error else "waits"
        return "refused" if self.refused else "unchanged" if self.unchanged else "changes"

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        verdict = self.seen.verdict if self.seen else None
        return {
            "instance": str(self.instance.key),
            "status": self.status,
            "changes": [asdict(one) for one in self.seen.view.changes] if self.seen else [],
            "target": asdict(self.seen.view.target) if self.seen else None,
            "cost": totals_of(self.cost) or None,
            "findings": list(verdict.reasons) if verdict else [],
            "alone": self.alone or None,
            "waits_for": self.waits or None,
            "code": self.error.code if self.error else None,
            "place": str(self.error.at) if self.error and self.error.at else None,
            "reason": self.error.message if self.error else None,
            "next_step": self.error.next_step if self.error else None,
        }


@dataclass(frozen=True, slots=True)
class Ended:
    """How an instance of a batch ended."""

    key: InstanceKey
    status: EndStatus
    outcome: Outcome | None = None
    error: GaiaError | None = None
    because: InstanceKey | None = None
    """What it needs and did not end well."""

    @property
    def fine(self) -> bool:
        """Whether it is as the stacks say now."""
        return self.status in _FINE

    @property
    def reason(self) -> str:
        """Why it did not end well, in a sentence."""
        if self.error is not None:
            return self.error.message
        if self.because is not None:
            return f"it needs {self.because}"
        return self.outcome.reason if self.outcome else ""

    @property
    def next_step(self) -> str:
        """What to do about it."""
        return (self.error.next_step if self.error else self.outcome.next_step if self.outcome else "") or ""

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        outcome = self.outcome
        return {
            "instance": str(self.key),
            "status": self.status,
            "changed": dict(outcome.changed) if outcome else {},
            "outputs": dict(outcome.outputs) if outcome else {},
            "left": list(outcome.left) if outcome else [],
            "because": str(self.because) if self.because else None,
            "code": (self.error.code if self.error else outcome.code if outcome else "") or None,
            "place": str(self.error.at) if self.error and self.error.at else None,
            "reason": self.reason or None,
            "next_step": self.next_step or None,
        }


class Listener:
    """Is told how far a batch is, from several threads; does nothing by itself."""

    def planning(self, instances: Sequence[Instance]) -> None:
        """These are about to be planned."""

    def say(self, text: str) -> None:
        """What is done now, about all of them."""

    def planned(self, planned: Planned) -> None:
        """One is."""

    def begins(self, key: InstanceKey) -> None:
        """One is about to be applied or destroyed."""

    def log(self, key: InstanceKey, level: str, message: str, event: Mapping[str, object] | None) -> None:
        """What happens to one."""

    def ended(self, ended: Ended) -> None:
        """One did, or is not tried."""


def tally(entries: Iterable[Planned | Ended]) -> dict[str, int]:
    """How many instances by status, and how many resource changes by action."""
    found: Counter[str] = Counter()
    for one in entries:
        found[one.status] += 1
        if isinstance(one, Planned) and one.seen is not None:
            found.update(change.action for change in one.seen.view.changes)
        elif isinstance(one, Ended) and one.outcome is not None:
            found.update(dict(one.outcome.changed))
    return dict(found)
