"""What an account holds against what the states have: managed, importable, not importable, made by the provider. Pure.

`account` asks the account; which services it looks at stands there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gaia.operations.import_rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gaia.terraform.state import State

Standing = Literal["managed", "importable", "not importable", "made by the provider"]
STANDINGS: tuple[Standing, ...] = ("managed", "importable", "not importable", "made by the provider")
_NAMES = ("id", "arn", "name", "bucket", "key_id", "url")
"""Attributes of a state's resource by which an account may call it."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that an account holds."""

    type: str
    """Terraform's, `aws_s3_bucket`; the service where nobody knows (`lambda`)."""
    id: str
    """What `import` takes, where the type is known."""
    arn: str = ""
    region: str = ""
    own: str = ""
    """Why the provider has made it itself; empty for all else."""


@dataclass(frozen=True, slots=True)
class Covered:
    """One thing, and how it stands."""

    thing: Thing
    standing: Standing
    instance: str = ""
    """Whose state has it."""
    why: str = ""

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        one = self.thing
        return {
            "type": one.type, "id": one.id, "arn": one.arn or None, "region": one.region or None,
            "standing": self.standing, "instance": self.instance or None, "why": self.why or None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Coverage:
    """Everything that was found."""

    things: tuple[Covered, ...]
    regions: tuple[str, ...]
    silent: tuple[str, ...] = ()
    """What could not be asked, each with the reason: what it holds is unknown, not nothing."""

    @property
    def counts(self) -> dict[str, int]:
        """Things by standing."""
        found = Counter(one.standing for one in self.things)
        return {standing: found[standing] for standing in STANDINGS}

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return {
            "counts": self.counts,
            "regions": list(self.regions),
            "silent": list(self.silent),
            "things": [one.as_json() for one in self.things],
        }


def covered(things: Iterable[Thing], states: Mapping[str, State]) -> tuple[Covered, ...]:
    """How each thing stands, sorted; `states` by instance."""
    arns: dict[str, str] = {}
    names: dict[tuple[str, str], str] = {}
    for instance, state in states.items():
        for one in state.resources:
            for name in _NAMES:
                value = one.attributes.get(name)
                if isinstance(value, str) and value:
                    names.setdefault((one.type, value), instance)
                    if value.startswith("arn:"):
                        arns.setdefault(value.removesuffix(":*"), instance)
    unique = {(one.type, one.id, one.region): one for one in things}
    made = (_standing(one, arns, names) for one in unique.values())
    return tuple(sorted(made, key=lambda one: (STANDINGS.index(one.standing), one.thing.type, one.thing.id)))


def _standing(thing: Thing, arns: Mapping[str, str], names: Mapping[tuple[str, str], str]) -> Covered:
    instance = arns.get(thing.arn.removesuffix(":*")) if thing.arn else None
    instance = instance or names.get((thing.type, thing.id))
    if instance is not None:
        return Covered(thing, "managed", instance)
    if thing.own:
        return Covered(thing, "made by the provider", why=thing.own)
    if thing.type in RULES:
        return Covered(thing, "importable")
    return Covered(thing, "not importable", why="Gaia knows no import id for it")
