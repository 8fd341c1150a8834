"""States that are files of a job's checkout: they are gone when the job ends, and what they knew of with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.ci.code.commits import top_of
from gaia.states.places import FilePlace
from gaia.states.reading import Reader

if TYPE_CHECKING:
    from collections.abc import Collection

    from gaia.ci.code.ground import Ground


def passing_states(ground: Ground, instances: Collection[str]) -> tuple[str, ...]:
    """Those of these instances, `STACK/COMPONENT`, whose state lies there."""
    repository = ground.written.repository.forgiving()
    reader, top = Reader(ground.checkout.ground), top_of(ground.checkout.root, ground.checkout.shell).resolve()
    found = []
    for one in repository.built([key for key in repository.instances if str(key) in instances]):
        place = reader.place(one)
        if isinstance(place, FilePlace) and place.path.resolve().is_relative_to(top):
            found.append(str(one.key))
    return tuple(found)
