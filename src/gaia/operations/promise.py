"""What the state has to hold after an application, and whether it does. Pure.

That terraform ended without an error says that the file it was given was carried out. Whether that was everything that
somebody approved is seen in the state alone, so an operation is called applied only when it is there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from gaia.terraform.normal import NormalChange
    from gaia.terraform.plan import Plan, ResourceChange
    from gaia.terraform.state import State

_ENDS = (("delete",), ("forget",))


@dataclass(frozen=True, slots=True)
class Promise:
    """Addresses that the state holds afterwards, and those that it does not."""

    kept: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    deposed: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    """(address, key) of deposed objects that are gone."""


def promise_of(plan: Plan, approved: Collection[NormalChange] = ()) -> Promise:
    """What a judged plan promises; where it does not speak of an address, what was approved does."""
    managed: list[ResourceChange | NormalChange] = [change for change in plan.resources if change.mode == "managed"]
    spoken = {change.address for change in managed if not change.deposed}
    older = [change for change in approved if change.address not in spoken]
    kept, gone = _sorted([*managed, *older])
    moved = {change.previous_address for change in [*managed, *older] if change.previous_address}
    deposed = {(change.address, change.deposed) for change in managed if change.deposed}
    return Promise(frozenset(kept), frozenset((gone | moved) - kept), frozenset(deposed))


def _sorted(changes: Iterable[ResourceChange | NormalChange]) -> tuple[set[str], set[str]]:
    kept: set[str] = set()
    gone: set[str] = set()
    for change in changes:
        if not change.deposed:
            (gone if change.actions in _ENDS else kept).add(change.address)
    return kept, gone - kept


def unkept(promise: Promise, state: State | None) -> tuple[str, ...]:
    """`ADDRESS: reason` of each part of the promise that the state does not keep, sorted."""
    resources = state.resources if state else ()
    here = {item.address for item in resources if item.deposed is None}
    old = {(item.address, item.deposed) for item in resources if item.deposed is not None}
    tainted = {item.address for item in resources if item.tainted and item.deposed is None}
    broken = [f"{address}: is not in the state" for address in promise.kept - here]
    broken += [f"{address}: is in the state, and not whole" for address in promise.kept & tainted]
    broken += [f"{address}: is still in the state" for address in promise.gone & here]
    broken += [f"{address}: its old object {key} is still in the state" for address, key in promise.deposed & old]
    return tuple(sorted(broken))
