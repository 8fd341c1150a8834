"""The chain of bases of a component: `component:` and `metadata.inherits`, recursively."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.errors import Position
    from gaia.stacks.layers import Layer


class Bases:
    """The bases of the components of one manifest, each chain found once."""

    def __init__(self, components: Layer, is_folder: Callable[[str], bool]) -> None:
        self._components = components
        self._is_folder = is_folder
        self._below: dict[str, tuple[str, ...]] = {}

    def of(self, name: str) -> tuple[str, ...]:
        """The bases of a component, weakest first; a shared ancestor stands there as often as it is reached.

        Raises:
            NotFound: `missing-base-component`.
            Invalid: `inheritance-cycle`, `section-type`.
        """
        chain: list[str] = []
        for base, _ in self._direct(name, of_base=False):
            # A component that inherits from itself, at once or over one of its bases, is let through by Atmos.
            if base != name:
                chain.extend(self._expand(base, (name, base), owner=name))
        return tuple(chain)

    def deepest(self, name: str) -> str | None:
        """The deepest base behind the top-level `component:` attribute, or None without one."""
        attribute = self._attribute(name)
        if attribute is None or attribute[0] == name:
            return None
        chain = self._expand(attribute[0], (name, attribute[0]), owner=name)
        return chain[0] if chain else attribute[0]

    def _expand(self, name: str, chain: tuple[str, ...], owner: str) -> tuple[str, ...]:
        known = self._below.get(name)
        if known is not None and owner not in known:
            return known
        component = self._components.child(name)
        if component is None or not isinstance(component.value, dict):
            return ()
        found: list[str] = []
        skipped = False
        for base, place in self._direct(name, of_base=True):
            if base in (owner, name):
                skipped = True
                continue
            if base in chain:
                loop = " → ".join([*chain[chain.index(base) :], base])
                raise Invalid(
                    "inheritance-cycle",
                    f"components inherit in a circle: {loop}",
                    at=place,
                    next_step="Remove one of these bases.",
                )
            found.extend(self._expand(base, (*chain, base), owner))
        result = (*found, name)
        if not skipped:
            self._below[name] = result
        return result

    def _direct(self, name: str, *, of_base: bool) -> list[tuple[str, Position]]:
        component = self._components.child(name)
        if component is None or not isinstance(component.value, dict):
            return []
        direct: list[tuple[str, Position]] = []
        attribute = self._attribute(name)
        if attribute and not (of_base and self._is_abstract(name)):
            self._require(*attribute, name, folder_will_do=True)
            direct.append(attribute)
        inherits = component.at(("metadata", "inherits"))
        if inherits is not None and inherits.value is not None:
            value = inherits.value
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                raise Invalid(
                    "section-type",
                    f"metadata.inherits of {name} must be a list of component names",
                    at=inherits.position,
                    next_step="Write each base behind a dash.",
                )
            for index, base in enumerate(value):
                element = inherits.child(index)
                at = element.position if element else inherits.position
                self._require(base, at, name, folder_will_do=False)
                direct.append((base, at))
        return direct

    def _attribute(self, name: str) -> tuple[str, Position] | None:
        layer = self._components.at((name, "component"))
        if layer is None or not isinstance(layer.value, str) or not layer.value:
            return None
        return layer.value, layer.position

    def _is_abstract(self, name: str) -> bool:
        kind = self._components.at((name, "metadata", "type"))
        return kind is not None and kind.value == "abstract"

    def _require(self, base: str, at: Position, name: str, *, folder_will_do: bool) -> None:
        known = self._components.value
        if (isinstance(known, dict) and base in known) or (folder_will_do and self._is_folder(base)):
            return
        import difflib

        near = difflib.get_close_matches(base, known if isinstance(known, dict) else (), n=3)
        raise NotFound(
            "missing-base-component",
            f"the component {name} inherits from {base}, which this manifest does not have",
            at=at,
            next_step=f"Did you mean {' or '.join(near)}?" if near else "Import the file that defines it.",
        )
