"""Which state each adopted instance had, by its lineage: another one in its place is not taken for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Unavailable
from gaia.kit.files import read_table, write_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gaia.stacks.model import InstanceKey
    from gaia.terraform.state import State


def lineages_of(folder: Path) -> Path:
    """The file that says which state each adopted instance had; `folder` is the repository's in the home."""
    return folder / "lineages.json"


def remember_lineages(path: Path, adopted: Mapping[str, str]) -> None:
    """Add those of instances, by `STACK/COMPONENT`, or take their newer ones.

    Raises:
        Unavailable: `lineages-damaged`, `file-not-writable`, `disk-full`.
    """
    known = {**(read_table(path, _damaged) or {}), **adopted}
    write_atomic(path, json.dumps(known, indent=1, sort_keys=True).encode())


def check_lineage(path: Path, key: InstanceKey, state: State) -> None:
    """Raise where an instance was adopted with another state than it has now.

    Raises:
        Conflict: `state-lineage`. Unavailable: `lineages-damaged`.
    """
    known = (read_table(path, _damaged) or {}).get(str(key))
    if known is None or known == state.lineage:
        return
    raise Conflict(
        "state-lineage",
        f"the state of {key} is another one (lineage {state.lineage}) than was adopted (lineage {known})",
        next_step=f"Bring the right one back. Where the new one is meant, take the instance out of {path}.",
        facts={"adopted": known, "found": state.lineage},
    )


def _damaged(why: str) -> Unavailable:
    return Unavailable("lineages-damaged", why, next_step="Remove the file: the next adoption writes it anew.")
