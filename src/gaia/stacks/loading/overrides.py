"""`overrides:` sections: what a file sets over the components that it defines and imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.stacks.layers import Layer, merged

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPES = ("terraform", "helmfile", "packer", "ansible")


class Scope:
    """The overrides of one type of components that are in force while one file is read.

    A file with overrides sets them on every component that it has so far, those of its imports too. A file without
    passes on what it was handed, and what leaked from files imported before, to its own components only.
    """

    def __init__(self, tree: Layer, kind: str, incoming: Layer | None, strategy: str) -> None:
        inline = [layer for layer in (tree.at(("overrides",)), tree.at((kind, "overrides"))) if layer is not None]
        for layer in inline:
            if not isinstance(layer.value, dict):
                raise Invalid(
                    "section-type", "overrides must be a map", at=layer.position, next_step="Write {} for an empty map."
                )
        self._kind = kind
        self._own = tree.at(("components", kind))
        self._inline = merged(inline, strategy)
        self._incoming = incoming
        self._strategy = strategy
        self._leaked: list[Layer] = []
        self._overrides: dict[str, Layer] = {}

    def handed_on(self) -> Layer | None:
        """What the next imported file is handed."""
        return self._merged(*self._leaked, self._incoming, self._inline)

    def gather(self, overrides: Mapping[str, Layer], outgoing: Layer | None) -> None:
        """Take in what an imported file has set."""
        self._overrides.update(overrides)
        if outgoing is not None:
            self._leaked.append(outgoing)

    def outgoing(self) -> Layer | None:
        """The overrides of the file and of its imports."""
        return self._merged(*self._leaked, self._inline)

    def attached(self, layer: Layer) -> dict[str, Layer]:
        """The overrides of each component; `layer` is the file with its imports."""
        reached = layer.at(("components", self._kind)) if self._inline is not None else self._own
        effective = self._merged(self._incoming, *self._leaked, self._inline)
        if effective is not None and reached is not None and isinstance(reached.value, dict):
            self._overrides.update(dict.fromkeys(reached.value, effective))
        return self._overrides

    def _merged(self, *layers: Layer | None) -> Layer | None:
        return merged([layer for layer in layers if layer is not None], self._strategy)


class Scopes:
    """The scopes of all types; nothing at all is done while no file has overrides."""

    def __init__(self, tree: Layer, incoming: Mapping[str, Layer], strategy: str) -> None:
        self._tree = tree
        self._incoming = incoming
        self._strategy = strategy
        self._scopes: dict[str, Scope] = {}
        value = tree.value if isinstance(tree.value, dict) else {}
        if incoming or "overrides" in value or any(_has_overrides(value.get(one)) for one in TYPES):
            self._begin()

    def handed_on(self) -> dict[str, Layer]:
        """By type, what the next imported file is handed."""
        found = {kind: scope.handed_on() for kind, scope in self._scopes.items()}
        return {kind: layer for kind, layer in found.items() if layer is not None}

    def gather(self, overrides: Mapping[str, Mapping[str, Layer]], outgoing: Mapping[str, Layer]) -> None:
        """Take in what an imported file has set."""
        if (overrides or outgoing) and not self._scopes:
            self._begin()
        for kind, scope in self._scopes.items():
            scope.gather(overrides.get(kind, {}), outgoing.get(kind))

    def outgoing(self) -> dict[str, Layer]:
        """By type, the overrides of the file and of its imports."""
        found = {kind: scope.outgoing() for kind, scope in self._scopes.items()}
        return {kind: layer for kind, layer in found.items() if layer is not None}

    def attached(self, layer: Layer) -> dict[str, dict[str, Layer]]:
        """By type and name, the overrides of each component."""
        found = {kind: scope.attached(layer) for kind, scope in self._scopes.items()}
        return {kind: layers for kind, layers in found.items() if layers}

    def _begin(self) -> None:
        self._scopes = {kind: Scope(self._tree, kind, self._incoming.get(kind), self._strategy) for kind in TYPES}


def _has_overrides(section: object) -> bool:
    return isinstance(section, dict) and "overrides" in section
