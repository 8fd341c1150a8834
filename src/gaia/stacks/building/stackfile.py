"""One top-level manifest: its components by type, the checks of their sections, and the layers that make them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from gaia.errors import GaiaError, Invalid
from gaia.kit.shapes import as_map
from gaia.stacks.building.inheritance import Bases
from gaia.stacks.building.kinds import KINDS, MAPS, OVERRIDABLE, Kind
from gaia.stacks.layers import Layer, merged
from gaia.stacks.loading.compat import GLOBAL_METADATA
from gaia.stacks.loading.imports import stem
from gaia.stacks.merge import check_strategy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gaia.stacks.loading.config import Config
    from gaia.stacks.loading.manifests import Manifest

ABSENT = object()
NOTHING: Mapping[str, object] = {}


class Group(NamedTuple):
    """Components of one manifest that are alike."""

    kind: str
    stack: str | None
    """None: the rule that names stacks reads a value that these components lack."""
    abstract: bool
    names: tuple[str, ...]


class StackFile:
    """A top-level manifest, its own and its types' sections checked, ready to give instances."""

    def __init__(self, manifest: Manifest, config: Config) -> None:
        self.manifest = manifest
        self.config = config
        self.top = manifest.layer
        self.tree: Mapping[str, object] = as_map(self.top.value)
        self._checked: set[int] = set()
        self._refuse_other_types((), MAPS)
        self._refuse_other_types((), (*KINDS, "components"))
        for kind in KINDS:
            if kind in self.tree:
                self._refuse_other_types((kind,), MAPS)
        self._check_metadata()
        components = self.tree.get("components")
        self.components: Mapping[str, Mapping[str, object]] = {}
        if isinstance(components, dict):
            self._refuse_other_types(("components",), components)
            self.components = components
        self.stack_names: dict[tuple[str, str], str] = {}
        """Names found so far, by type and component."""
        self.groups: tuple[Group, ...] | None = None
        """The components by stack, once they have been named."""
        self.common_names: dict[str, object] = {}
        """By type, the name that all of its components have, or None."""
        self._bases: dict[tuple[str, bool], Bases] = {}

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """The files reached, without extension, sorted."""
        return tuple(sorted({stem(one) for one in self.manifest.reached}))

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The types that have components here, in the order in which they are tried."""
        return tuple(kind for kind in KINDS if self.components.get(kind))

    def names(self, kind: str) -> Mapping[str, object]:
        """The components of a type, abstract ones too, in the order of the file."""
        return self.components.get(kind, NOTHING)

    def members(self) -> Iterator[tuple[str, str]]:
        """The type and name of every component, abstract ones too."""
        return ((kind, name) for kind in self.kinds for name in self.names(kind))

    def has(self, kind: str, name: str) -> bool:
        """Whether the manifest has this component."""
        return name in self.names(kind)

    def own(self, kind: str, name: str) -> Mapping[str, object]:
        """What the component itself says, its sections checked; parts may be shared with other manifests.

        Raises:
            Invalid: `section-type`.
        """
        own = self.names(kind)[name]
        if isinstance(own, dict) and id(own) in self._checked:
            return own
        if not isinstance(own, dict):
            raise self._wrong_type(("components", kind, name))
        self._refuse_other_types(("components", kind, name), MAPS)
        self._checked.add(id(own))
        return own

    def overrides(self, kind: str, name: str) -> Layer | None:
        """What `overrides:` sections set for a component, or None."""
        of_kind = self.manifest.overrides_of.get(kind)
        return of_kind.get(name) if of_kind else None

    def is_abstract(self, kind: str, name: str) -> bool:
        """Whether the component is only there to be inherited from."""
        return self.raw((kind, name), ("metadata", "type")) == "abstract"

    def raw(self, component: tuple[str, str], path: Sequence[str]) -> object:
        """The value at `path` of the component itself, or `ABSENT`."""
        return _inside(self.names(component[0]).get(component[1]), path)

    def bases(self, kind: str, name: str) -> tuple[str, ...]:
        """The chain of bases, weakest first; a shared ancestor as often as it is reached."""
        try:
            return self._chains(kind).of(name)
        except GaiaError as error:
            error.facts = {**error.facts, "component": name, "manifest": self.manifest.path}
            raise

    def code_bases(self, kind: str, name: str) -> tuple[str, ...]:
        """As `bases`, along the components that give the code too: where `describe stacks` looks for workspaces."""
        return self._chains(kind, of_code=True).of(name)

    def base_component(self, kind: str, name: str) -> str | None:
        """The end of the chain of top-level `component:` attributes, or None."""
        return self._chains(kind).deepest(name)

    def strategy(self, kind: str, name: str) -> str:
        """How lists merge at the component stage: `atmos.yaml`, or what the settings say."""
        path = ("settings", "list_merge_strategy")
        if self.lookup(kind, name, path, "GTBCO") in (ABSENT, None, ""):
            return self.config.list_strategy
        layers = self.parts(kind, name, path, "GTBCO")
        try:
            return check_strategy(str(layers[-1].value))
        except Invalid as error:
            error.at = layers[-1].position
            raise

    def lookup(self, kind: str, name: str, path: tuple[str, ...], order: str) -> object:
        """The value at `path` of the merged component, or `ABSENT`: what names are made of, without the merge."""
        for layer in self._strongest_first(kind, name, order):
            node = layer
            for key in path:
                if not isinstance(node, dict):
                    # Something else than a map hides what weaker layers have below it.
                    return ABSENT
                if key not in node:
                    break
                node = node[key]
            else:
                return node
        return ABSENT

    def _strongest_first(self, kind: str, name: str, order: str) -> Iterator[object]:
        components = self.names(kind)
        for letter in reversed(order):
            if letter == "O":
                overrides = self.overrides(kind, name)
                if overrides is not None:
                    yield overrides.value
            elif letter == "C":
                yield components[name]
            elif letter == "B":
                for base in reversed(self.bases(kind, name)):
                    yield components[base]
            else:
                yield self.tree.get(kind, NOTHING) if letter == "T" else self.tree

    # Layers: the same again, with the place of every value. Made only when somebody asks.

    def component(self, kind: str, name: str) -> Layer:
        """The component's own layer."""
        layer = self.top.at(("components", kind, name))
        if layer is None:
            raise KeyError(name)
        return layer

    def parts(self, kind: str, name: str, path: tuple[str, ...], order: str, strategy: str = "") -> list[Layer]:
        """The layers that hold `path`, weakest first, the bases merged into one; lists by `strategy`, else as usual."""
        layers: list[Layer | None] = []
        for letter in order:
            if letter == "O":
                overrides = self.overrides(kind, name)
                layers.append(overrides.at(path) if overrides and path[0] in OVERRIDABLE else None)
            elif letter == "G":
                layers.append(self.top.at(path))
            elif letter == "T":
                layers.append(self.top.at((kind, *path)))
            elif letter == "B":
                layers.append(self._base_part(kind, name, path, strategy or self.config.list_strategy))
            else:
                layers.append(self.component(kind, name).at(path))
        return [layer for layer in layers if layer is not None]

    def section_layer(self, kind: Kind, name: str, section: str, strategy: str) -> Layer | None:
        """The layers of one section merged, or None where no layer has it."""
        if section == "metadata":
            return self._metadata_layer(kind.name, name, strategy)
        if section == "overrides":
            return self.overrides(kind.name, name)
        if section in kind.words:
            layers = self.parts(kind.name, name, (section,), kind.words[section])
            return layers[-1] if layers else None
        order = kind.maps.get(section)
        if not order:
            return None
        under = [self.config.under[section]] if section in self.config.under else []
        return merged([*under, *self.parts(kind.name, name, (section,), order, strategy)], strategy)

    def _metadata_layer(self, kind: str, name: str, strategy: str) -> Layer | None:
        own = self.component(kind, name).child("metadata")
        layers = [self.top.child("metadata"), own]
        if self.config.inherit_metadata:
            bases = (self.top.at(("components", kind, base, "metadata")) for base in self.bases(kind, name))
            handed = [layer.without(("type", "inherits")) for layer in bases if layer is not None]
            layers.insert(1, merged(handed, strategy))
        return merged([layer for layer in layers if layer is not None], strategy)

    def _base_part(self, kind: str, name: str, path: tuple[str, ...], strategy: str) -> Layer | None:
        layers = (self.top.at(("components", kind, base, *path)) for base in self.bases(kind, name))
        return merged([layer for layer in layers if layer is not None], strategy)

    # Checks.

    def _chains(self, kind: str, *, of_code: bool = False) -> Bases:
        if (kind, of_code) not in self._bases:
            folder = self.config.folders.get(kind, self.config.base)
            layer = self.top.at(("components", kind)) or Layer({})
            self._bases[kind, of_code] = Bases(layer, lambda name: (folder / name).is_dir(), of_code=of_code)
        return self._bases[kind, of_code]

    def _refuse_other_types(
        self, path: tuple[str, ...], keys: Sequence[str] | Mapping[str, object] | frozenset[str]
    ) -> None:
        value = _inside(self.tree, path)
        for key in value if isinstance(value, dict) else ():
            if key in keys and type(value[key]) is not dict:  # type: ignore[index]
                raise self._wrong_type((*path, key))

    def _wrong_type(self, path: tuple[str, ...]) -> Invalid:
        layer = self.top.at(path)
        return wrong_type(".".join(path), layer or self.top, "a map")

    def _check_metadata(self) -> None:
        metadata = self.tree.get("metadata")
        for key in metadata if isinstance(metadata, dict) else ():
            if key not in GLOBAL_METADATA:
                layer = self.top.at(("metadata", key))
                raise Invalid(
                    "global-metadata",
                    f"metadata.{key} may not be set for a whole file",
                    at=layer.position if layer else None,
                    next_step=f"Set it on components; a file may set {', '.join(sorted(GLOBAL_METADATA))}.",
                )


def _inside(value: object, path: Sequence[str]) -> object:
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return ABSENT
        value = value[key]
    return value


def wrong_type(what: str, layer: Layer, wanted: str) -> Invalid:
    """The error for a section of another type."""
    given = "nothing" if layer.value is None else type(layer.value).__name__
    return Invalid(
        "section-type",
        f"{what} must be {wanted}, not {given}",
        at=layer.position,
        next_step="Remove the key, or write {} for an empty map." if wanted == "a map" else f"Give {wanted}.",
    )
