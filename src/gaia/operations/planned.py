"""The part of a plan that a recovery decides on. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.kit.shapes import as_map
from gaia.terraform.values import any_mark, child_mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.terraform.plan import Plan, ResourceChange


@dataclass(frozen=True, slots=True)
class Planned:
    """One managed resource of a plan."""

    address: str
    type: str
    actions: tuple[str, ...]
    before: Mapping[str, object] = field(default_factory=dict, repr=False)
    after: Mapping[str, object] = field(default_factory=dict, repr=False)
    known: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Top-level attributes of `after` that are known and not sensitive."""
    importing: str = ""
    """The id under which the plan imports it; empty when it does not."""
    tainted: bool = False
    """Replaced only because its creation did not end well."""


def read_planned(plan: Plan) -> tuple[Planned, ...]:
    """The managed resources of a plan, no-ops included, without deposed objects."""
    return tuple(_planned(change) for change in plan.resources if change.mode == "managed" and not change.deposed)


def _planned(change: ResourceChange) -> Planned:
    after = as_map(change.after)
    return Planned(
        address=change.address,
        type=change.type,
        actions=change.actions,
        before=as_map(change.before),
        after=after,
        known={name: value for name, value in after.items() if not _hidden(change, name)},
        importing=change.import_id or "",
        tainted=change.reason == "replace_because_tainted",
    )


def _hidden(change: ResourceChange, name: str) -> bool:
    return any_mark(child_mark(change.after_unknown, name)) or any_mark(child_mark(change.after_sensitive, name))
