"""The buckets that a checkout's states lie in, and whether they are there: what `gaia doctor` asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gaia.checkout import first_states
from gaia.checkout.bootstrap import exists
from gaia.errors import GaiaError
from gaia.states.places import ObjectPlace
from gaia.states.reading import Reader
from gaia.states.survey import usable

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.stacks.model import Instance
    from gaia.states.places import Bucket
    from gaia.states.reading import Ground


@dataclass(frozen=True, slots=True)
class StateBucket:
    """One of them."""

    name: str
    stack: str
    """One whose states lie in it: of those begun the first that was, for `gaia bootstrap`."""
    status: Literal["there", "missing", "begun", "unknown"]
    reason: str = ""
    """Why it is not known."""


def state_buckets(ground: Ground, home: Path) -> tuple[StateBucket, ...]:
    """Each once, by its name. Where one gives no answer, those in the same region are not asked.

    `home`: the repository's folder in the home.
    """
    reader, repository = Reader(ground), ground.repository.forgiving()
    found: dict[str, tuple[Instance, Bucket]] = {}
    begun: dict[str, str] = {}
    for one in repository.built(repository.instances):
        place = reader.place(one) if usable(one) else None
        if isinstance(place, ObjectPlace):
            found.setdefault(place.bucket.name, (one, place.bucket))
            if first_states.is_begun(home, one.key):
                begun.setdefault(place.bucket.name, one.key.stack)
    silent: dict[str, str] = {}
    made = []
    for name, (instance, bucket) in sorted(found.items()):
        stack = begun.get(name, instance.key.stack)
        if name in begun or bucket.region in silent:
            status: Literal["begun", "unknown"] = "begun" if name in begun else "unknown"
            made.append(StateBucket(name, stack, status, silent.get(bucket.region, "")))
            continue
        try:
            made.append(StateBucket(name, stack, "there" if exists(reader, instance, bucket) else "missing"))
        except GaiaError as error:
            made.append(StateBucket(name, stack, "unknown", error.message))
            if error.code == "aws-unreachable":
                silent[bucket.region] = error.message
    return tuple(made)
