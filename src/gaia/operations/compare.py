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
_NOWHERE = object()
"""Where there is nothing that could be kept."""


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
    """What was made with nothing in an attribute is read back with what the provider made of that, and the other way.

    It is taken for what was approved where the plan leaves it as it is: an application changes nothing there. What the
    plan would change is compared as it stands.
    """
    if approved is None or now.address not in done or now.actions == ("create",):
        return now
    return replace(now, after=_as_approved(approved.after, now.before, now.after))


def _as_approved(approved: object, before: object, after: object) -> object:
    """What will be there, with what was approved where both stand for nothing and the plan keeps what is there."""
    if (approved is None and after == "") or (before == after and _both_nothing(approved, after)):
        return approved
    if isinstance(approved, dict) and isinstance(after, dict):
        was = before if isinstance(before, dict) else {}
        return {
            name: _as_approved(approved.get(name, value), was.get(name, _NOWHERE), value)
            for name, value in after.items()
        }
    if isinstance(approved, list) and isinstance(after, list) and len(approved) == len(after):
        were = before if isinstance(before, list) and len(before) == len(after) else [_NOWHERE] * len(after)
        return [_as_approved(*three) for three in zip(approved, were, after, strict=True)]
    return after


def _both_nothing(approved: object, kept: object) -> bool:
    """Whether nothing was approved and this is a provider's way to say so.

    Null is whatever it takes by default; a block that was not written is read back as one with defaults; a default that
    only the provider knows is not read back at all.
    """
    if approved is None:
        return True
    if kept is None:
        return approved in (False, 0, "", [], {})
    return approved == [] and isinstance(kept, list) and len(kept) == 1 and isinstance(kept[0], dict)
