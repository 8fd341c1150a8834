"""What nobody may overlook before anything is planned: a state that lies where its instance does not look. Pure.

An instance whose state is missing or empty, while a state that no instance claims holds what its code would make, would
make everything twice. Two instances with one state would destroy each other's resources.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Next
from gaia.states.places import DEFAULT, FilePlace, ObjectPlace, OtherPlace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gaia.stacks.model import InstanceKey
    from gaia.states.places import Place
    from gaia.terraform.state import State

_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')
_WORDS = re.compile(r"[A-Za-z0-9]+")
CONTEXT = ("namespace", "tenant", "environment", "stage", "name")
"""Variables that say whose something is, by the conventions of Atmos's users."""
_IN_NAMES = frozenset(("namespace", "tenant", "stage"))
"""Those that stand in all names if any of them does."""


@dataclass(frozen=True, slots=True)
class Makes:
    """What an instance's code would make, as far as the code says it."""

    resources: frozenset[str]
    """Addresses without indexes: `aws_vpc.this`, `module.net.aws_vpc.this`."""
    modules: frozenset[str] = frozenset()
    """Calls of modules whose code is not in the repository: `module.vpc`."""

    def has(self, base: str) -> bool:
        """Whether the code has a resource of this address."""
        return base in self.resources or any(base.startswith(f"{one}.") for one in self.modules)


@dataclass(frozen=True, slots=True)
class Claim:
    """One instance: where it looks for its state, and what it would make where there is none."""

    key: InstanceKey
    place: Place
    workspace: str
    makes: Makes
    words: Mapping[str, str]
    """Its variables of `CONTEXT`."""
    empty: bool
    """Whether its state is missing or holds nothing."""
    home: Path | None = None
    """The folder of local states of its component."""


@dataclass(frozen=True, slots=True)
class Lying:
    """A state that no instance claims, and what it holds."""

    place: Place
    state: State


@dataclass(frozen=True, slots=True)
class Misplaced:
    """An instance that would make what a state elsewhere holds."""

    key: InstanceKey
    expected: Place
    found: Place
    resources: tuple[str, ...]
    """Addresses that both have."""
    lineage: str = ""
    """Of the state that was found."""
    owner: str = ""
    """`STACK/COMPONENT` of another instance that is known to have had exactly this state."""

    def error(self) -> Conflict:
        """As the refusal of a change."""
        facts = {"found": str(self.found), "expected": str(self.expected), "resources": list(self.resources)}
        if self.owner:
            return Conflict(
                "state-misplaced",
                f"{self.key} has no state at {self.expected}, and would make {_some(self.resources)}; a state at "
                f"{self.found}, which no instance claims now, holds the same and was {self.owner}'s",
                next_step=f"Look why {self.owner} does not claim it: its backend or workspace was changed, or it was "
                f"taken out of the stacks. Move it to {self.key} only where that is {self.owner} under a new name.",
                facts={**facts, "owner": self.owner},
            )
        return Conflict(
            "state-misplaced",
            f"{self.key} would make everything twice: it has no state at {self.expected}, and the one at {self.found}, "
            f"which no instance claims, holds {_some(self.resources)}",
            next_step=Next(
                "move",
                self.key.component,
                "Move what it holds",
                stack=self.key.stack,
                options=("--from", str(self.found)),
                after="Or correct backend and workspace of the instance; where those are another's resources, take "
                "that state out of the way.",
            ),
            facts=facts,
        )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def misplaced(claims: Iterable[Claim], unclaimed: Iterable[Lying]) -> tuple[Misplaced, ...]:
    """The instances that would make what an unclaimed state holds, in the order of the claims."""
    claims = tuple(claims)
    found = [one for one in unclaimed if not one.state.empty]
    homes = {claim.home for claim in claims if claim.home is not None}
    stacks: dict[str, set[str]] = defaultdict(set)
    known: dict[str, set[str]] = defaultdict(set)
    for claim in claims:
        stacks[claim.workspace].add(claim.key.stack)
        for name, value in claim.words.items():
            known[name].add(value)
    made: list[Misplaced] = []
    for claim in claims:
        mine = [
            Misplaced(claim.key, claim.place, one.place, common, one.state.lineage)
            for one in (found if claim.empty else ())
            if (common := _common(claim.makes, one.state))
            and _may_be_there(claim, one.place, homes)
            and not _is_anothers(claim, one, stacks, known)
        ]
        made += sorted(mine, key=lambda one: _distance(one.expected, one.found))
    return tuple(made)


def nearest(claims: Iterable[Claim], places: Iterable[Place]) -> tuple[Place, ...]:
    """Of places of states those that may be of an instance without one, the likeliest first."""
    claims = tuple(claims)
    homes = {claim.home for claim in claims if claim.home is not None}
    empty = [claim for claim in claims if claim.empty]
    may_be = [place for place in places if any(_may_be_there(claim, place, homes) for claim in empty)]
    return tuple(sorted(may_be, key=lambda place: min(_distance(claim.place, place) for claim in empty)))


def concerns(claims: Iterable[Claim], state: State) -> bool:
    """Whether a state holds anything that an instance without one would make."""
    makes = [claim.makes for claim in claims if claim.empty]
    return any(_common(one, state) for one in dict.fromkeys(makes))


def _distance(mine: Place, its: Place) -> tuple[bool, int]:
    """How far a place is from another: the nearest is named first."""
    return mine.kind != its.kind, -len(_parts(str(mine)) & _parts(str(its)))


@lru_cache(maxsize=1 << 14)
def _parts(place: str) -> frozenset[str]:
    return frozenset(place.split("/"))


def _may_be_there(claim: Claim, place: Place, homes: set[Path]) -> bool:
    """A file in a component's folder is of an instance of that component, as long as there is one."""
    if not isinstance(place, FilePlace):
        return True
    around = homes.intersection(place.path.parents)
    return not around or claim.home in around


def _common(makes: Makes, state: State) -> tuple[str, ...]:
    return tuple(one.address for one in state.resources if makes.has(_INDEX.sub("", one.address)))


def _is_anothers(claim: Claim, lying: Lying, stacks: Mapping[str, set[str]], known: Mapping[str, set[str]]) -> bool:
    """Whether place or content say that the state is another stack's; without a word of either it is taken as this
    one's, for making everything twice is worse than a question."""
    workspace = workspace_in(lying.place)
    if workspace != DEFAULT:
        if workspace == claim.workspace:
            return False
        if workspace in stacks and claim.key.stack not in stacks[workspace]:
            return True
    spoken = {word.lower() for text in _texts(lying.state.raw.get("resources")) for word in _WORDS.findall(text)}
    mine = {name for name, value in claim.words.items() if _said(value, spoken)}
    for name in claim.words.keys() - mine:
        others = any(_said(value, spoken) for value in known.get(name, ()))
        if others or (mine and name in _IN_NAMES):
            return True
    return False


def workspace_in(place: Place) -> str:
    """The workspace that a place of terraform's naming belongs to."""
    parts = place.path.parts if isinstance(place, FilePlace) else str(place).split("/")
    if isinstance(place, FilePlace):
        return parts[-2] if len(parts) > 2 and parts[-3].endswith(".tfstate.d") else DEFAULT
    return parts[-2] if isinstance(place, ObjectPlace) and place.key.count("/") > 1 else DEFAULT


def _said(value: str, spoken: set[str]) -> bool:
    words = [word.lower() for word in _WORDS.findall(value)]
    return bool(words) and all(word in spoken for word in words)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, child in value.items():
            if name not in ("type", "mode", "provider", "private", "module"):
                yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)


def shared(places: Mapping[InstanceKey, Place]) -> dict[InstanceKey, tuple[InstanceKey, ...]]:
    """Instances whose state is another instance's too, each with the others."""
    by_place: dict[str, list[InstanceKey]] = defaultdict(list)
    for key, place in places.items():
        if not isinstance(place, OtherPlace):  # of which not all is known that tells two apart
            by_place[str(place)].append(key)
    several = [keys for keys in by_place.values() if len(keys) > 1]
    return {key: tuple(other for other in keys if other != key) for keys in several for key in keys}
