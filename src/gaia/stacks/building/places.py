"""Where the values of one component come from: the layers of its sections, walked only when somebody asks."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from gaia.errors import Next, NotFound
from gaia.stacks.layers import Layer
from gaia.stacks.model import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.errors import Position
    from gaia.stacks.building.built import Built


class Places:
    """The places of one built component."""

    def __init__(self, built: Built) -> None:
        self._built = built
        self._sections: dict[str, Layer | None] = {}

    def section(self, name: str) -> Layer | None:
        """The layers of a section, or None where nobody wrote one."""
        if name not in self._sections:
            built = self._built
            layer = built.file.section_layer(built.kind, built.name, name, built.fold.strategy)
            if name in ("backend", "remote_state_backend") and layer is not None:
                layer = layer.child(str(built.document.get(f"{name}_type", "")))
            self._sections[name] = layer
        return self._sections[name]

    def locate(self, path: Sequence[str | int]) -> Position:
        """Where the value at `path`, or the nearest one above it, is written; else where the component is."""
        layer = self._nearest(path)[0]
        return (layer or self._built.file.component(self._built.kind.name, self._built.name)).position

    def explain(self, path: Sequence[str | int], document: Mapping[str, object]) -> Origin:
        """The origin of the value at `path` of a finished document.

        A value that a template or a function made comes from where that is written.

        Raises:
            NotFound: `path-unknown`.
        """
        value: object = document
        for step in path:
            inner = Layer(value).child(step)
            if inner is None:
                raise self._unknown(path, value)
            value = inner.value
        layer, exact = self._nearest(path)
        if layer is None:
            return Origin(value, self.locate(path), ())
        origin = layer.origin()
        return Origin(value, origin.at, origin.overridden if exact else ())

    def _nearest(self, path: Sequence[str | int]) -> tuple[Layer | None, bool]:
        """The layer at `path`, or the deepest one above it, and whether it is the one at `path`."""
        layer: Layer | None = self.section(str(path[0])) if path else None
        nearest = layer
        for key in path[1:]:
            layer = layer.child(key) if layer else None
            nearest = layer or nearest
        return nearest, layer is not None

    def _unknown(self, path: Sequence[str | int], value: object) -> NotFound:
        known = [str(key) for key in value] if isinstance(value, dict) else []
        near = difflib.get_close_matches(str(path[-1]) if path else "", known, n=3)
        shown = ".".join(str(step) for step in path)
        return NotFound(
            "path-unknown",
            f"{self._built.name} has no value at {shown}",
            next_step=f"Did you mean {' or '.join(near)}?" if near else Next("describe component", words="Look at it"),
            facts={"nearest": near},
        )
