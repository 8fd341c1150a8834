"""One top-level manifest: its components, the layers of each section, and the checks of their types."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Invalid
from gaia.stacks.building.inheritance import Bases
from gaia.stacks.layers import Layer, merged
from gaia.stacks.loading.imports import stem
from gaia.stacks.merge import check_strategy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gaia.stacks.loading.config import Config
    from gaia.stacks.loading.manifests import Manifest

TYPE = "terraform"
ORDER: dict[str, str] = {
    "vars": "GTBCO", "settings": "GTBCO", "env": "GTBCO", "hooks": "GTBCO", "auth": "GTBCO", "generate": "GTBCO",
    "dependencies": "GTBC", "secrets": "GTBCO", "backend": "TBC", "remote_state_backend": "TBC", "providers": "TBCO",
    "required_providers": "BCO", "source": "GTBC", "provision": "GTBC", "locals": "BC", "retry": "BCO",
}  # fmt: skip
"""Which layers make a section, weakest first: G file, T `terraform:`, B bases, C component, O overrides."""
GLOBAL_METADATA = frozenset(("labels", "tags", "custom", "enabled", "locked", "terraform_workspace_pattern"))
ABSENT = object()
MAPS = ("vars", "settings", "env", "metadata", "hooks", "auth", "generate", "dependencies", "backend",
        "remote_state_backend", "providers", "required_providers")  # fmt: skip


class StackFile:
    """A top-level manifest, its type sections checked, ready to give instances."""

    def __init__(self, manifest: Manifest, config: Config) -> None:
        self.manifest = manifest
        self.config = config
        self.top = manifest.layer
        self._check(self.top, MAPS, "")
        self._check(self.top, (TYPE, "components"), "")
        type_level = self.top.child(TYPE)
        if type_level:
            self._check(type_level, MAPS, f"{TYPE}.")
        self._check_metadata()
        components = self.top.child("components")
        if components:
            self._check(components, components.value if isinstance(components.value, dict) else (), "components.")
        self.components = self.top.at(("components", TYPE)) or Layer({})
        self.stack_names: dict[str, str] = {}
        """Names found so far, by component."""
        self._bases = Bases(self.components, lambda name: (config.components / name).is_dir())

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """The files reached, without extension, sorted."""
        return tuple(sorted({stem(one) for one in self.manifest.reached}))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The components defined here, abstract ones too, sorted."""
        return tuple(sorted(self.components.value)) if isinstance(self.components.value, dict) else ()

    def __contains__(self, name: str) -> bool:
        return isinstance(self.components.value, dict) and name in self.components.value

    def component(self, name: str) -> Layer:
        """The component's own layer, its sections checked.

        Raises:
            Invalid: `section-type`.
        """
        layer = self.components.child(name)
        if layer is None:
            raise KeyError(name)
        self._check(self.components, (name,), f"components.{TYPE}.")
        self._check(layer, MAPS, f"components.{TYPE}.{name}.")
        return layer

    def is_abstract(self, name: str) -> bool:
        """Whether the component is only there to be inherited from."""
        return self.raw(self.components, (name, "metadata", "type")) == "abstract"

    @staticmethod
    def raw(layer: Layer, path: Sequence[str]) -> object:
        """The value at `path` below a layer, or `ABSENT`."""
        value = layer.value
        for key in path:
            if not isinstance(value, dict) or key not in value:
                return ABSENT
            value = value[key]
        return value

    def bases(self, name: str) -> tuple[str, ...]:
        """The chain of bases, weakest first."""
        try:
            return self._bases.of(name)
        except GaiaError as error:
            error.facts = {**error.facts, "component": name, "manifest": self.manifest.path}
            raise

    def base_component(self, name: str) -> str | None:
        """The end of the chain of top-level `component:` attributes, or None."""
        return self._bases.deepest(name)

    def strategy(self, name: str) -> str:
        """How lists merge at the component stage: `atmos.yaml`, or what the settings say."""
        found = self.scalar(name, ("settings", "list_merge_strategy"), "GTBCO")
        if found is None or not found.value:
            return self.config.list_strategy
        try:
            return check_strategy(str(found.value))
        except Invalid as error:
            error.at = found.position
            raise

    def parts(self, name: str, path: tuple[str, ...], order: str) -> list[Layer]:
        """The layers that hold `path`, weakest first, the bases merged into one."""
        component = self.component(name)
        found: list[Layer | None] = []
        for letter in order:
            if letter == "O":
                overrides = self.manifest.overrides.get(name)
                found.append(overrides.at(path) if overrides else None)
            elif letter == "G":
                found.append(self.top.at(path))
            elif letter == "T":
                found.append(self.top.at((TYPE, *path)))
            elif letter == "B":
                found.append(self._base_part(name, path))
            else:
                found.append(component.at(path))
        return [layer for layer in found if layer is not None]

    def section(self, name: str, section: str, strategy: str) -> Layer | None:
        """One merged section of a component, or None where no layer has it."""
        return merged(self.parts(name, (section,), ORDER[section]), strategy)

    def scalar(self, name: str, path: tuple[str, ...], order: str) -> Layer | None:
        """The strongest layer that holds `path`, nothing merged."""
        for layer, full in self._candidates(name, path, order):
            if self.raw(layer, full) is not ABSENT:
                return layer.at(full)
        return None

    def lookup(self, name: str, path: tuple[str, ...], order: str) -> object:
        """The value that the strongest layer holds at `path`, or `ABSENT`: what names are made of."""
        for layer, full in self._candidates(name, path, order):
            value = self.raw(layer, full)
            if value is not ABSENT:
                return value
        return ABSENT

    def _candidates(self, name: str, path: tuple[str, ...], order: str) -> Iterator[tuple[Layer, tuple[str, ...]]]:
        """Where `path` may stand, strongest first."""
        for letter in reversed(order):
            if letter == "O":
                if name in self.manifest.overrides:
                    yield self.manifest.overrides[name], path
            elif letter == "C":
                yield self.components, (name, *path)
            elif letter == "B":
                for base in reversed(self.bases(name)):
                    yield self.components, (base, *path)
            else:
                yield self.top, (TYPE, *path) if letter == "T" else path

    def assigned(self, name: str, key: str, order: str) -> Layer | None:
        """A section that is one word. Each base assigns it, also nothing, so only the last base counts."""
        for letter in reversed(order):
            layer: Layer | None
            if letter == "O":
                overrides = self.manifest.overrides.get(name)
                layer = overrides.child(key) if overrides else None
            elif letter == "C":
                layer = self.component(name).child(key)
            elif letter == "B":
                chain = self.bases(name)
                layer = self.components.at((chain[-1], key)) if chain else None
            else:
                layer = self.top.at((TYPE, key))
            if layer is not None and layer.value:
                if not isinstance(layer.value, str):
                    raise _wrong_type(f"{key} of {name}", layer, "a text")
                return layer
        return None

    def metadata(self, name: str, strategy: str) -> Layer | None:
        """The metadata: what the file allows for all, what bases hand down (not type and inherits), its own."""
        own = self.component(name).child("metadata")
        if not self.config.inherit_metadata:
            return own
        handed = [
            layer.without(("type", "inherits"))
            for layer in (self.components.at((base, "metadata")) for base in self.bases(name))
            if layer is not None
        ]
        base = merged(handed, strategy)
        return merged([layer for layer in (self.top.child("metadata"), base, own) if layer is not None], strategy)

    def _base_part(self, name: str, path: tuple[str, ...]) -> Layer | None:
        layers = (self.components.at((base, *path)) for base in self.bases(name))
        return merged([layer for layer in layers if layer is not None], self.config.list_strategy)

    def _check(self, layer: Layer, keys: Iterable[str], prefix: str) -> None:
        for key in keys:
            child = layer.child(key)
            if child is not None and not isinstance(child.value, dict):
                raise _wrong_type(f"{prefix}{key}", child, "a map")

    def _check_metadata(self) -> None:
        layer = self.top.child("metadata")
        value = layer.value if layer else None
        for key in value if isinstance(value, dict) else ():
            if key not in GLOBAL_METADATA:
                child = layer.child(key) if layer else None
                raise Invalid(
                    "global-metadata",
                    f"metadata.{key} may not be set for a whole file",
                    at=child.position if child else None,
                    next_step=f"Set it on components; a file may set {', '.join(sorted(GLOBAL_METADATA))}.",
                )


def _wrong_type(what: str, layer: Layer, wanted: str) -> Invalid:
    given = "nothing" if layer.value is None else type(layer.value).__name__
    return Invalid(
        "section-type",
        f"{what} must be {wanted}, not {given}",
        at=layer.position,
        next_step="Remove the key, or write {} for an empty map." if wanted == "a map" else f"Give {wanted}.",
    )
