"""An instance's own plan against what was approved, when a part of it may have happened already. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.operations.side_effects import shown_elsewhere
from gaia.terraform.normal import NormalChange, NormalForm
from gaia.terraform.refine import no_set, refines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from gaia.kit.keys import SecretKey
    from gaia.stacks.model import InstanceKey
    from gaia.terraform.plan import Plan
    from gaia.terraform.values import Path

_IDENTITY = frozenset({"id", "arn"})
"""Attributes that tell which thing it is."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The plan's digest, and each way in which it is not what was approved."""

    digest: str
    differences: tuple[str, ...]


def compare(
    instance: InstanceKey,
    plan: Plan,
    key: SecretKey,
    approved: NormalForm | None,
    *,
    touched: Collection[str],
    destroy: bool = False,
    is_set: Callable[[InstanceKey, str, Path], bool] = no_set,
) -> Compared:
    """Whether the plan refines the approval; without one there is nothing to differ from.

    What this run has begun (`touched`) may be done, half done, or found again by import; it must still end as approved.
    What it has changed is no difference either where another resource shows it, nor in what was there before.
    `is_set` is as in `refines`. In a destroy whatever has gone meanwhile needs no approval.
    """
    actual = NormalForm.of({instance: plan}, key)
    if approved is None:
        return Compared(actual.digest, ())
    mine = approved.parts.get(instance, ())
    done = {change.address for change in mine} if destroy else set(touched)
    planned = {change.sort_key: change for change in actual.parts.get(instance, ())}
    shown = shown_elsewhere(mine, touched)
    left = [_as_left(change, planned.get(change.sort_key), done) for change in mine]
    left = [_as_changed(change, planned.get(change.sort_key), touched, shown) for change in left]
    expected = replace(approved, parts={instance: tuple(left)})
    known = {change.sort_key: change for change in mine}
    softened = tuple(_read_back(change, known.get(change.sort_key), done) for change in planned.values())
    differences = refines(expected, replace(actual, parts={instance: softened}), done=done, is_set=is_set)
    return Compared(actual.digest, tuple(str(difference) for difference in differences))


def _as_left(approved: NormalChange, now: NormalChange | None, done: Collection[str]) -> NormalChange:
    """Of a replacement whose first half was done, the second half is what is left."""
    half = approved.address in done and approved.actions == ("delete", "create")
    if half and now is not None and now.actions == ("create",):
        return replace(approved, actions=now.actions, before=None)
    return approved


def _as_changed(
    approved: NormalChange, now: NormalChange | None, touched: Collection[str], shown: Mapping[str, frozenset[str]]
) -> NormalChange:
    """What was approved, with what this run has changed since: that is to be expected, as it is there now.

    Of a deletion that was begun only which thing it is counts; the rest may be half gone.
    """
    if now is None:
        return approved
    names = shown.get(approved.address, frozenset())
    before, after = (
        _taken_over(*sides, names) for sides in ((approved.before, now.before), (approved.after, now.after))
    )
    if approved.address in touched and approved.actions[0] == "delete" and isinstance(before, dict):
        before = _taken_over(before, now.before, frozenset(before) - _IDENTITY, also_new=True)
    return replace(approved, before=before, after=after)


def _taken_over(approved: object, now: object, names: frozenset[str], *, also_new: bool = False) -> object:
    """Data of a resource with these attributes as they are now."""
    if not isinstance(approved, dict) or not isinstance(now, dict):
        return approved
    fresh = now.keys() - approved.keys() if also_new else frozenset[str]()
    taken = {name: now[name] for name in names | fresh if name in now}
    return {name: value for name, value in approved.items() if name not in names} | taken


def _read_back(now: NormalChange, approved: NormalChange | None, done: Collection[str]) -> NormalChange:
    """What was made with nothing in an attribute is read back with "" there: for things that exist these are one."""
    if approved is None or now.address not in done or now.actions == ("create",):
        return now
    return replace(now, after=_blank_as_null(approved.after, now.after))


def _blank_as_null(approved: object, now: object) -> object:
    if approved is None and now == "":
        return None
    if isinstance(approved, dict) and isinstance(now, dict):
        return {name: _blank_as_null(approved.get(name, now[name]), now[name]) for name in now}
    if isinstance(approved, list) and isinstance(now, list) and len(approved) == len(now):
        return [_blank_as_null(*pair) for pair in zip(approved, now, strict=True)]
    return now
