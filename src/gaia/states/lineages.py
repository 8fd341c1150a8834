"""Which state each instance had, by lineage and place: another one in its place, or none, is not taken for it.

What adoption found stands in one file; what was applied since, in a file an instance, which nobody else writes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Unavailable
from gaia.kit.files import read_table, write_atomic
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.states.places import Place
    from gaia.terraform.state import State


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of an instance's state that held something."""

    lineage: str
    place: str = ""
    """Where it lay; empty where nobody wrote that down."""
    source: Path = Path()
    """The file that says so."""


def lineages_of(folder: Path) -> Path:
    """The file that says which state each adopted instance had; `folder` is the repository's in the home."""
    return folder / "lineages.json"


def remember_state(path: Path, key: InstanceKey, place: Place, state: State | None) -> None:
    """After a change: which state an instance has now; that it has none where nothing is in it any more.

    Raises:
        Unavailable: `file-not-writable`, `disk-full`.
    """
    held = state if state is not None and not state.empty else None
    known = {"lineage": held.lineage, "place": str(place)} if held else {"lineage": ""}
    write_atomic(_own(path, key), json.dumps(known).encode())


def known_state(path: Path, key: InstanceKey) -> Known | None:
    """What is remembered of an instance's state; None where it held nothing, or nobody knows of one.

    Raises:
        Unavailable: `lineages-damaged`.
    """
    own = _own(path, key)
    if (mine := read_table(own, _damaged)) is not None:
        lineage = str(mine.get("lineage") or "")
        return Known(lineage, str(mine.get("place") or ""), own) if lineage else None
    lineage = str((read_table(path, _damaged) or {}).get(str(key)) or "")
    return Known(lineage, source=path) if lineage else None


def owner_of(path: Path, lineage: str) -> str:
    """`STACK/COMPONENT` of the instance that is known to have had the state of a lineage; empty where nobody knows.

    Raises:
        Unavailable: `lineages-damaged`.
    """
    if not lineage:
        return ""
    folder = path.with_suffix("")
    for own in sorted(folder.glob("*/*.json")):
        if str((read_table(own, _damaged) or {}).get("lineage") or "") == lineage:
            return str(InstanceKey.of_folder(own.relative_to(folder).with_suffix("").as_posix()))
    adopted = read_table(path, _damaged) or {}
    return next((key for key, known in sorted(adopted.items()) if known == lineage), "")


def _own(path: Path, key: InstanceKey) -> Path:
    return path.with_suffix("") / f"{key.folder}.json"


def remember_lineages(path: Path, adopted: Mapping[str, str]) -> None:
    """Add those of instances, by `STACK/COMPONENT`, or take their newer ones.

    Raises:
        Unavailable: `lineages-damaged`, `file-not-writable`, `disk-full`.
    """
    known = {**(read_table(path, _damaged) or {}), **adopted}
    write_atomic(path, json.dumps(known, indent=1, sort_keys=True).encode())


def check_lineage(path: Path, key: InstanceKey, place: Place, state: State | None) -> None:
    """Raise where an instance had another state than it has now, or had one and has none.

    Raises:
        Conflict: `state-lineage`, `state-lost`. Unavailable: `lineages-damaged`.
    """
    known = known_state(path, key)
    if known is None or (state is not None and known.lineage == state.lineage):
        return
    if state is None or state.empty:
        where = f" at {known.place}" if known.place else ""
        raise Conflict(
            "state-lost",
            f"{key} had a state{where} (lineage {known.lineage}), and nothing of it is at {place}: all that it holds "
            "would be made a second time",
            next_step="Bring it back, or point the backend to where it lies. Where it is to begin anew, remove "
            f"{_said(known, key)}.",
            facts={"lineage": known.lineage, "was": known.place or None, "looked": str(place)},
        )
    raise Conflict(
        "state-lineage",
        f"the state of {key} is another one (lineage {state.lineage}) than it had (lineage {known.lineage})",
        next_step=f"Bring the right one back. Where the new one is meant, remove {_said(known, key)}.",
        facts={"adopted": known.lineage, "found": state.lineage},
    )


def _said(known: Known, key: InstanceKey) -> str:
    return f"{key} from {known.source}" if known.source.name == "lineages.json" else str(known.source)


def _damaged(why: str) -> Unavailable:
    return Unavailable("lineages-damaged", why, next_step="Remove the file: the next adoption writes it anew.")
