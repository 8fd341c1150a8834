"""What an instance of a pull request was on the base branch: itself, and every other one whose state it would change.

A name is only a name: who renames an instance, or puts another one on its state, changes what its owners answer for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gaia.errors import GaiaError
from gaia.states.places import FilePlace, ObjectPlace, object_key, place_of
from gaia.states.reading import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.checkout.files import CheckoutFiles
    from gaia.ci.ground import Ground
    from gaia.stacks.model import Instance, InstanceKey

_IN_CODE = "in the code of "


@dataclass(frozen=True)
class Earlier:
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
        if was is not None and where == self._where(self._base, was):
            return (was,)
        others = tuple(one for one in self._at.get(where, ()) if one.key != instance.key)
        return others if was is None else (was, *others)

    @property
    def _base(self) -> CheckoutFiles:
        return self.ground.files.base

    @cached_property
    def _known(self) -> frozenset[InstanceKey]:
        return frozenset(self._base.repository.forgiving().all_instances)

    @cached_property
    def _at(self) -> Mapping[tuple[str, ...], list[Instance]]:
        """Those that have a state, also where they are disabled now, by where that is."""
        found: dict[tuple[str, ...], list[Instance]] = {}
        repository = self._base.repository.forgiving()
        for one in repository.built(repository.all_instances):
            if one.kind == "terraform" and not one.abstract:
                found.setdefault(self._where(self._base, one), []).append(one)
        return found

    @cached_property
    def _code(self) -> Reader:
        return Reader(self.ground.checkout.ground)

    def _where(self, files: CheckoutFiles, instance: Instance) -> tuple[str, ...]:
        """What tells one state from another, however it is reached."""
        said = files.backends and instance.backend_type
        code = None if said else self._code.code.component(files.tree / files.components / instance.component_path)
        place = place_of(
            instance,
            folder=self.ground.checkout.ground.states / instance.component_path,
            in_code=code.backend[0] if code and code.backend else None,
            code_settings=code.backend_settings if code else None,
            backends=files.backends,
        )
        if isinstance(place, FilePlace):
            return ("local", str(place.path.resolve()))
        if isinstance(place, ObjectPlace):
            return ("s3", place.bucket.name, place.key)
        bucket, key = instance.backend.get("bucket"), instance.backend.get("key")
        if place.kind == "s3" and said and isinstance(bucket, str) and isinstance(key, str):
            return ("s3", bucket, object_key(key, place.workspace, instance.backend.get("workspace_key_prefix")))
        return (place.kind, place.workspace, "" if place.body.startswith(_IN_CODE) else place.body)
