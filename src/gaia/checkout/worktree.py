"""A git worktree of a registered repository: its local states are those of the registered checkout.

So whoever works in a branch of hers sees what exists, as requests do. Atmos, and Gaia before the repository was
registered, keep them in the worktree itself; one that lies there holds resources that nobody would see.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict
from gaia.states.places import FilePlace
from gaia.states.reading import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.stacks.model import Instance
    from gaia.states.reading import Ground


def check_own_state(ground: Ground, here: Path, folder: Path, instance: Instance) -> None:
    """Raise where the worktree has a state of its own, which is not merely an older one of the same.

    `here` is the components' folder in it; `folder` that of the repository in GAIA_HOME.

    Raises:
        Conflict: `state-in-worktree`.
    """
    if here == ground.states or ground.states.is_relative_to(folder):  # a home of Gaia 0.1 keeps them itself
        return
    own = Reader(replace(ground, states=here))
    lies = own.place(instance)
    if not isinstance(lies, FilePlace) or not lies.path.is_relative_to(here):
        return
    mine = own.read(instance, lies)
    if mine.error is None and (mine.state is None or mine.state.empty):
        return
    reader = Reader(ground)
    place = reader.place(instance)
    known = reader.read(instance, place).state
    if mine.state and known and mine.state.lineage == known.lineage and mine.state.serial <= known.serial:
        return
    raise Conflict(
        "state-in-worktree",
        f"{instance.key} has a state in this git worktree, {lies}, and its state is that of the registered checkout, "
        f"{place}: what the one here holds would not be seen",
        next_step="Where the one here is the right one, move the file there; else take it out of the way.",
        facts={"here": str(lies), "registered": str(place)},
    )
