"""What an instance of a pull request was on the base branch: itself, and every other one whose state it would change.

A name is only a name: who renames an instance, or puts another one on its state, changes what its owners answer for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.errors import GaiaError
from gaia.stacks.model import written
from gaia.states.code import Code
from gaia.states.places import NAMES, FilePlace, ObjectPlace, object_key, place_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.checkout.files import CheckoutFiles
    from gaia.ci.code.ground import Ground
    from gaia.stacks.model import Instance, InstanceKey

_IN_CODE = "in the code of "
_COMPUTED = ("{{", "Unknown(", "Reference(")
"""What is in a text that is not known before something is run."""
_Where = tuple[str | None, str | None, str | None]
"""What kind of backend, and where in it; None is what only a run would tell, so it may be anywhere."""


@dataclass(frozen=True)
class BaseInstances:
    """The instances of the base branch."""

    ground: Ground

    def itself(self, key: InstanceKey) -> Instance | None:
        """The instance of this name; None where the base has none, or it cannot be built there."""
        if key not in self._known:
            return None
        try:
            return self._base.repository.instance(key.component, key.stack)
        except GaiaError:
            return None

    def of(self, instance: Instance) -> tuple[Instance, ...]:
        """The instance as it was, if it was, then those of other names that have had the state that it has now."""
        was = self.itself(instance.key)
        where = self._where(self.ground.files, instance)
        same = was is not None and where == self._where(self._base, was)
        if was is not None and same and (None not in where or _as_written(instance, was)):
            return (was,)
        others = tuple(one for there, one in self._at if one.key != instance.key and _may_be_one(where, there))
        return others if was is None else (was, *others)

    @property
    def _base(self) -> CheckoutFiles:
        return self.ground.files.base

    @cached_property
    def _known(self) -> frozenset[InstanceKey]:
        return frozenset(self._base.repository.forgiving().all_instances)

    @cached_property
    def _at(self) -> list[tuple[_Where, Instance]]:
        """Those that have a state, also where they are disabled now, with where that is."""
        repository = self._base.repository.forgiving()
        built = repository.built(repository.all_instances)
        return [(self._where(self._base, one), one) for one in built if one.kind == "terraform" and not one.abstract]

    @cached_property
    def _code(self) -> Code:
        return Code()

    def _where(self, files: CheckoutFiles, instance: Instance) -> _Where:
        """What tells one state from another, however it is reached."""
        said = files.backends and instance.backend_type
        code = None if said else self._code.component(files.tree / files.components / instance.component_path)
        kind, body = (code.backend if code and code.backend else None, code.backend_settings if code else None)
        place = place_of(
            instance,
            folder=self.ground.checkout.ground.states / instance.component_path,
            in_code=kind[0] if kind else None,
            code_settings=body,
            backends=files.backends,
        )
        values: Mapping[str, object] = instance.backend if said else body or {}
        if any(mark in instance.workspace for mark in _COMPUTED) or not _known(values, *NAMES, "workspace_dir"):
            there = _text(values, "bucket") if place.kind == "s3" else None
            return (place.kind, there, None)
        if isinstance(place, FilePlace):
            return (place.kind, str(place.path.resolve()), "")
        if isinstance(place, ObjectPlace):
            return (place.kind, place.bucket.name, place.key)
        bucket, key = _text(values, "bucket"), _text(values, "key")
        if place.kind == "s3" and bucket and key:
            return ("s3", bucket, object_key(key, place.workspace, values.get("workspace_key_prefix")))
        return (place.kind, place.workspace, None if place.body.startswith(_IN_CODE) else place.body)


def _may_be_one(one: _Where, other: _Where) -> bool:
    return all(mine == theirs or mine is None or theirs is None for mine, theirs in zip(one, other, strict=True))


def _as_written(one: Instance, other: Instance) -> bool:
    """Whether two say with the same words where their states are."""
    said = [(written(dict(each.backend)), each.workspace, each.component_path) for each in (one, other)]
    return said[0] == said[1]


def _known(values: Mapping[str, object], *names: str) -> bool:
    return all(not values.get(name) or isinstance(values[name], bool) or _text(values, name) for name in names)


def _text(values: Mapping[str, object], name: str) -> str | None:
    """A value that is written out; None of one that is computed."""
    value = values.get(name)
    return value if isinstance(value, str) and not any(mark in value for mark in _COMPUTED) else None
