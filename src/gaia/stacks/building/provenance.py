"""Where every value of many components is written, all at once.

`Instance.explain` walks down the layers of one value. For thousands of components the same merges are run a second
time, over trees that hold places instead of values: what wins there is the place of what wins here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.stacks.building.folding import Folds
from gaia.stacks.building.kinds import KINDS
from gaia.stacks.building.stackfile import NOTHING, StackFile
from gaia.stacks.building.traits import Traits
from gaia.stacks.layers import Layer, unwrapped
from gaia.stacks.merge import APPENDED, combine, is_append

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.kit.yaml import Document, Mark
    from gaia.stacks.loading.config import Config

Tree = object
"""A place as `FILE:LINE`, or a map or list of trees."""


class Provenance:
    """The places of all values of the components of one repository."""

    def __init__(self, config: Config) -> None:
        self._layers: dict[int, tuple[Layer, Tree]] = {}
        self._documents: dict[int, tuple[Document, Tree]] = {}
        self._files: dict[int, _Places] = {}
        under = {section: _configured(layer) for section, layer in config.under.items()}
        # No place begins with this, so no place is taken for a template.
        self._folds = Folds(config.list_strategy, Traits("\0"), inherit_metadata=config.inherit_metadata, under=under)

    def of(self, file: StackFile, kind: str, name: str, backend_type: object) -> dict[str, Tree]:
        """By section, the places of the values of a component. What is derived has none."""
        places = self._files.get(id(file))
        if places is None:
            places = self._files[id(file)] = _Places(file, self)
        sections = self._folds.fold(places, KINDS[kind], name).values
        backend = sections.get("backend")
        if isinstance(backend, dict):
            sections["backend"] = backend.get(str(backend_type), {})
        return sections

    def layer(self, layer: Layer) -> Tree:
        """The places of the values of a layer."""
        known = self._layers.get(id(layer))
        if known is None:
            known = self._layers[id(layer)] = (layer, self._merged(layer))
        return known[1]

    def _merged(self, layer: Layer) -> Tree:
        if layer.document is None:
            found = combine([self.layer(one) for one in layer.sources], layer.strategy)
            # Where the layer has used up its wrappers, so have its places.
            return unwrapped(found) if len(layer.sources) == 1 else found
        tree = self._document(layer.document)
        for key in layer.path:
            tree = tree[key] if isinstance(tree, (dict, list)) else tree  # type: ignore[index]
        if isinstance(tree, dict) and isinstance(layer.value, dict) and len(tree) != len(layer.value):
            return {key: place for key, place in tree.items() if key in layer.value}
        return tree

    def _document(self, document: Document) -> Tree:
        known = self._documents.get(id(document))
        if known is None:
            tree = _tree(document.value, document.mark, document.file)
            known = self._documents[id(document)] = (document, tree)
        return known[1]


class _Places(StackFile):
    """A manifest that answers places where the other answers values; what needs values asks that one."""

    def __init__(self, file: StackFile, provenance: Provenance) -> None:
        self._file = file
        self._provenance = provenance
        self.config = file.config
        tree = provenance.layer(file.top)
        self.tree = tree if isinstance(tree, dict) else {}
        components = self.tree.get("components")
        self.components = components if isinstance(components, dict) else {}

    def own(self, kind: str, name: str) -> Mapping[str, object]:
        """The places of what the component itself says."""
        found = self.names(kind)[name]
        return found if isinstance(found, dict) else NOTHING

    def overrides(self, kind: str, name: str) -> Layer | None:
        """The places of what overrides set."""
        layer = self._file.overrides(kind, name)
        return Layer(self._provenance.layer(layer)) if layer is not None else None

    def bases(self, kind: str, name: str) -> tuple[str, ...]:
        """The chain of bases, which values tell."""
        return self._file.bases(kind, name)

    def strategy(self, kind: str, name: str) -> str:
        """How lists merge, which values tell."""
        return self._file.strategy(kind, name)


def _tree(value: object, mark: Mark, file: str) -> Tree:
    children = mark.children
    if isinstance(value, dict):
        if is_append(value) and isinstance(children, list):
            return {APPENDED: _items(value[APPENDED], mark, children, file)}
        known = children if isinstance(children, dict) else {}
        return {key: _tree(inner, known.get(key) or mark._replace(children=None), file) for key, inner in value.items()}
    if isinstance(value, list):
        return _items(value, mark, children if isinstance(children, list) else [], file)
    return f"{file}:{mark.key_line}"


def _items(value: object, mark: Mark, children: list[Mark], file: str) -> list[Tree]:
    items = value if isinstance(value, list) else []
    bare = mark._replace(children=None)
    return [_tree(inner, children[index] if index < len(children) else bare, file) for index, inner in enumerate(items)]


def _configured(layer: Layer) -> Tree:
    """The places of a layer that a few values of `atmos.yaml` make."""
    if isinstance(layer.value, dict):
        return {key: _configured(child) for key in layer.value if (child := layer.child(key))}
    return _shown(layer.position)


def _shown(at: object) -> str:
    return str(at).rpartition(":")[0]
