"""`overrides:` sections: what a file sets over the components that it defines and imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit.shapes import as_map
from gaia.stacks.layers import Layer, merged

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPES = ("terraform", "helmfile")
"""Types whose components can be overridden; for others Atmos passes over it."""
IMPORTS = " imports"


class Scope:
    """The overrides of one type of components that are in force while one file is read.

    As in Atmos there are two: what the file and its importers set (`inline`), and what leaks out of the files that were
    imported before (`imports`). Both are handed to each imported file, and it gives back both. The two together are set
    on the file's own components; where several files have one, what they set merges like everything else.
    """

    def __init__(self, tree: Layer, kind: str, incoming: Mapping[str, Layer], strategy: str) -> None:
        inline = [layer for layer in (tree.at(("overrides",)), tree.at((kind, "overrides"))) if layer is not None]
        for layer in inline:
            if not isinstance(layer.value, dict):
                raise Invalid(
                    "section-type", "overrides must be a map", at=layer.position, next_step="Write {} for an empty map."
                )
        self._own = tree.at(("components", kind))
        self._strategy = strategy
        self._inline = self._merged(*inline, incoming.get(kind))
        self._imports = incoming.get(kind + IMPORTS)
        self._overrides: dict[str, Layer] = {}
        self._keys = (kind, kind + IMPORTS)

    def handed_on(self) -> dict[str, Layer]:
        """What the next imported file is handed, and what is given back to the importer."""
        found = zip(self._keys, (self._inline, self._imports), strict=True)
        return {key: layer for key, layer in found if layer is not None}

    def gather(self, overrides: Mapping[str, Layer], outgoing: Mapping[str, Layer]) -> None:
        """Take in what an imported file has set and gives back."""
        self._attach(overrides)
        inline, imports = (outgoing.get(key) for key in self._keys)
        self._imports = self._merged(self._imports, imports, inline)

    def attached(self) -> dict[str, Layer]:
        """The overrides of each component of the file and its imports."""
        effective = self._merged(self._imports, self._inline)
        if effective is not None and self._own is not None and isinstance(self._own.value, dict):
            self._attach(dict.fromkeys(self._own.value, effective))
        return self._overrides

    def _attach(self, overrides: Mapping[str, Layer]) -> None:
        for name, layer in overrides.items():
            merged_layer = self._merged(self._overrides.get(name), layer)
            if merged_layer is not None:
                self._overrides[name] = merged_layer

    def _merged(self, *layers: Layer | None) -> Layer | None:
        return merged([layer for layer in layers if layer is not None], self._strategy)


class Scopes:
    """The scopes of all types; nothing at all is done while no file has overrides."""

    def __init__(self, tree: Layer, incoming: Mapping[str, Layer], strategy: str) -> None:
        self._tree = tree
        self._incoming = incoming
        self._strategy = strategy
        self._scopes: dict[str, Scope] = {}
        value = as_map(tree.value)
        if incoming or "overrides" in value or any(_has_overrides(value.get(one)) for one in TYPES):
            self._begin()

    def handed_on(self) -> dict[str, Layer]:
        """By type (and `TYPE imports`), what the next imported file is handed."""
        return {key: layer for scope in self._scopes.values() for key, layer in scope.handed_on().items()}

    def gather(self, overrides: Mapping[str, Mapping[str, Layer]], outgoing: Mapping[str, Layer]) -> None:
        """Take in what an imported file has set."""
        if (overrides or outgoing) and not self._scopes:
            self._begin()
        for kind, scope in self._scopes.items():
            scope.gather(overrides.get(kind, {}), outgoing)

    def outgoing(self) -> dict[str, Layer]:
        """By type (and `TYPE imports`), the overrides of the file and of its imports."""
        return self.handed_on()

    def attached(self) -> dict[str, dict[str, Layer]]:
        """By type and name, the overrides of each component."""
        found = {kind: scope.attached() for kind, scope in self._scopes.items()}
        return {kind: layers for kind, layers in found.items() if layers}

    def _begin(self) -> None:
        self._scopes = {kind: Scope(self._tree, kind, self._incoming, self._strategy) for kind in TYPES}


def _has_overrides(section: object) -> bool:
    return isinstance(section, dict) and "overrides" in section
