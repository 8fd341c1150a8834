"""What a repair would do besides: what the code wants of a drifted thing otherwise than the state says. Pure.

Terraform's targets are whole resources, so a plan that puts one attribute back applies what waits in the others too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.operations.drift.differing import both_nothing, differing, means_the_same, written
from gaia.operations.drift.reading import MIRRORED
from gaia.operations.drift.references import Configuration
from gaia.terraform.values import any_mark, at_path, child_mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.terraform.plan import Plan, ResourceChange
    from gaia.terraform.values import Path


def waiting(plan: Plan) -> tuple[str, ...]:
    """As `ADDRESS.attribute`. What is not known yet tells nothing, nor does what is made anew because it is gone.

    What is replaced has nothing of what the old one was given by itself, so there only what the code writes counts.
    """
    configuration = Configuration(plan.raw)
    stored = {one.address: one.before for one in plan.drift if one.after is not None and not one.deposed}
    return tuple(
        f"{change.address}.{written(path)}"
        for change in plan.changes
        if change.action in ("update", "replace") and not change.deposed and change.address in stored
        for path in _neither(stored[change.address], change)
        if change.action == "update" or configuration.is_written(change.address, str(path[0]))
    )


def _neither(stored: object, change: ResourceChange) -> Iterator[Path]:
    """Where the plan makes a value neither what it is nor what it was."""
    found = list(differing(change.before, change.after))
    tops = {one.top for one in found}
    for one in found:
        if MIRRORED.get(one.top) in tops or _unknown(change.after_unknown, one.path):
            continue
        pairs = [(at_path(stored, path), at_path(change.after, path)) for path in (one.path[:1], one.path)]
        if not any(was == now or both_nothing(was, now) or means_the_same(was, now) for was, now in pairs):
            yield one.path


def _unknown(mark: object, path: Path) -> bool:
    for step in path:
        mark = child_mark(mark, step)
    return any_mark(mark)
