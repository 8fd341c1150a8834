"""Every waiver of a repository and how it stands: for a list that people read before a waiver surprises them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from gaia.policy.model import Finding
    from gaia.policy.waivers import Waiver, Waivers

State = Literal["in force", "expired", "too long", "unused", "pending"]
STATES: tuple[State, ...] = ("pending", "expired", "too long", "unused", "in force")
"""What somebody has to do something about comes first."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One waiver, and how it stands."""

    waiver: Waiver
    state: State
    days: int
    """Until its last day; negative once that is over."""

    def as_json(self) -> dict[str, object]:
        """The stable machine form."""
        one = self.waiver
        return {
            "rule": one.rule,
            "resource": one.resource,
            "instance": one.instance,
            "value": one.value,
            "reason": one.reason,
            "owner": one.owner,
            "expires": one.expires.isoformat(),
            "at": str(one.at),
            "state": self.state,
            "days": self.days,
        }


def standings(
    waivers: Waivers,
    today: date,
    instances: Collection[str],
    said: Mapping[str, Sequence[Finding]],
) -> tuple[Standing, ...]:
    """All of them, those first that ask for something.

    `instances` are those of the repository, `STACK/COMPONENT`; `said` is what the rules about manifests say of each of
    them. Whether a plan still needs a waiver, only its judgement tells; a waiver of an instance that there is not is
    unused whatever its rule.
    """
    found = [_standing(one, today, instances, said) for one in waivers.counted]
    found += [Standing(one, "pending", (one.expires - today).days) for one in waivers.pending]
    return tuple(
        sorted(found, key=lambda one: (STATES.index(one.state), one.days, one.waiver.rule, str(one.waiver.at)))
    )


def _standing(
    waiver: Waiver, today: date, instances: Collection[str], said: Mapping[str, Sequence[Finding]]
) -> Standing:
    days = waiver.days(today)
    if days < 0 or waiver.is_long(today):
        return Standing(waiver, "expired" if days < 0 else "too long", days)
    if waiver.subject in ("plan", "manifest"):
        about = [one for one in instances if waiver.is_about(one, waiver.subject)]
        if not about or (
            waiver.subject == "manifest" and not any(_used(waiver, said.get(one, ()), one) for one in about)
        ):
            return Standing(waiver, "unused", days)
    return Standing(waiver, "in force", days)


def _used(waiver: Waiver, findings: Sequence[Finding], instance: str) -> bool:
    return any(one.effect == "deny" and waiver.names(one, instance) and one.value == waiver.value for one in findings)
