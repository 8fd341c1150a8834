"""The part of a plan that a recovery decides on. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.kit.shapes import as_list, as_map
from gaia.terraform.addresses import without_keys
from gaia.terraform.values import any_mark, child_mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.terraform.plan import Plan, ResourceChange

_TAINTED = "replace_because_tainted"


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
    provisioned: bool = False
    """Whether its code runs something when it is made: no plan shows whether that was done."""


def read_planned(plan: Plan) -> tuple[Planned, ...]:
    """The managed resources of a plan, no-ops included, without deposed objects."""
    current = [change for change in plan.resources if change.mode == "managed" and not change.deposed]
    root = as_map(as_map(plan.raw.get("configuration")).get("root_module"))
    running = frozenset(_provisioned(root)) if any(change.reason == _TAINTED for change in current) else frozenset()
    return tuple(_planned(change, running) for change in current)


def _provisioned(module: Mapping[str, object], path: str = "") -> Iterator[str]:
    """Addresses, without keys, of what has provisioners."""
    for resource in map(as_map, as_list(module.get("resources"))):
        if resource.get("provisioners"):
            yield f"{path}{resource.get('address')}"
    for name, call in as_map(module.get("module_calls")).items():
        yield from _provisioned(as_map(as_map(call).get("module")), f"{path}module.{name}.")


def _planned(change: ResourceChange, running: frozenset[str]) -> Planned:
    after = as_map(change.after)
    return Planned(
        address=change.address,
        type=change.type,
        actions=change.actions,
        before=as_map(change.before),
        after=after,
        known={name: value for name, value in after.items() if not _hidden(change, name)},
        importing=change.import_id or "",
        tainted=change.reason == _TAINTED,
        provisioned=without_keys(change.address) in running,
    )


def _hidden(change: ResourceChange, name: str) -> bool:
    return any_mark(child_mark(change.after_unknown, name)) or any_mark(child_mark(change.after_sensitive, name))
