"""The chain of bases of a component: `component:` and `metadata.inherits`, recursively."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.errors import Position
    from gaia.stacks.layers import Layer


MAX_BASES = 1000
"""A base counts as often as it is reached, and two bases at every level double the number."""
MAX_BASE_DEPTH = 64


class Bases:
    """The bases of the components of one manifest, each chain found once.

    `of_code`: the chains along which `describe stacks` looks for workspaces. They lead from a base to the component
    that gives its code too, and begin only at `inherits`.
    """

    def __init__(self, components: Layer, is_folder: Callable[[str], bool], *, of_code: bool = False) -> None:
        self._components = components
        self._is_folder = is_folder
        self._of_code = of_code
        self._below: dict[str, tuple[str, ...]] = {}
        self._chains: dict[str, tuple[str, ...]] = {}
        self._skips = 0
        """How often an owner was reached again."""

    def of(self, name: str) -> tuple[str, ...]:
        """The bases of a component, weakest first; a shared ancestor stands there as often as it is reached.

        Raises:
            NotFound: `missing-base-component`.
            Invalid: `inheritance-cycle`, `section-type`.
        """
        if name not in self._chains:
            chain: tuple[str, ...] = ()
            after: dict[str, tuple[str, ...]] = {}
            for base, _, _ in self._direct(name, of_base=False):
                # Lists that were appended name a base twice: Atmos takes up again what it had after the first time.
                if base not in after:
                    after[base] = chain + (self._expand(base, ((name, base),)) if base != name else ())
                chain = after[base]
            self._chains[name] = chain
        return self._chains[name]

    def deepest(self, name: str) -> str | None:
        """The deepest base behind the top-level `component:` attribute, or None without one."""
        attribute = self._value(name, "component")
        if not isinstance(attribute, str) or attribute in ("", name):
            return None
        chain = self._expand(attribute, ((name, attribute),))
        return chain[0] if chain else attribute

    def code(self, name: str) -> str | None:
        """The component that gives the code: `metadata.component`, or the end of the chain of attributes."""
        own = self._value(name, "metadata", "component")
        return own if isinstance(own, str) and own else self._attributes(name)

    def _attributes(self, name: str) -> str | None:
        """The end of the chain of `component:` attributes, abstract components ending it."""
        seen = [name]
        while isinstance(following := self._value(seen[-1], "component"), str) and following not in ("", *seen):
            seen.append(following)
            if self._is_abstract(following):
                break
        return seen[-1] if len(seen) > 1 else None

    def _expand(self, name: str, way: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
        """A base with its own bases before it; `way` are the steps to it, the last one to the base itself.

        As in Atmos, what `inherits` names is looked at for the same owner as the base, what `component:` names for the
        base: an owner that is reached again is let through, a step that is taken again is a circle.
        """
        owner = way[-1][0]
        if owner == name or not isinstance(self._value(name), dict):
            self._skips += 1
            return ()
        known = self._below.get(name)
        if known is not None and owner not in known:
            return known
        bases: list[str] = []
        skips = self._skips
        self._refuse_large(way[0][0], name, bases, way)
        for base, place, inherits in self._direct(name, of_base=True):
            step = (owner if inherits else name, base)
            if step in way:
                chain = [base for _, base in way[way.index(step) :]]
                raise Invalid(
                    "inheritance-cycle",
                    f"components inherit in a circle: {' → '.join([*chain, base])}",
                    at=self._position(place),
                    next_step="Remove one of these bases.",
                )
            bases.extend(self._expand(base, (*way, step)))
        self._refuse_large(way[0][0], name, bases, way)
        result = (*bases, name)
        if self._skips == skips:  # else it depends on the owner
            self._below[name] = result
        return result

    def _refuse_large(self, owner: str, name: str, bases: list[str], way: tuple[tuple[str, str], ...]) -> None:
        if len(bases) > MAX_BASES or len(way) >= MAX_BASE_DEPTH:
            raise Invalid(
                "inheritance-too-large",
                f"{owner} inherits from more than {MAX_BASES} bases, or over more than {MAX_BASE_DEPTH} levels",
                at=self._position((name,)),
                next_step="Let components inherit from fewer bases.",
            )

    def _direct(self, name: str, *, of_base: bool) -> list[tuple[str, tuple[str | int, ...], bool]]:
        """The bases that a component names itself: name, path below the components, whether by `inherits`."""
        direct: list[tuple[str, tuple[str | int, ...], bool]] = []
        attribute = self._value(name, "component")
        if self._of_code:
            code = self.code(name) if of_base and not self._is_abstract(name) else None
            if code is not None and code != name and isinstance(self._value(code), dict):
                direct.append((code, (name,), False))
        elif isinstance(attribute, str) and attribute and not (of_base and self._is_abstract(name)):
            self._require(attribute, (name, "component"), folder_will_do=True)
            direct.append((attribute, (name, "component"), False))
        value = self._value(name, "metadata", "inherits")
        if value is None:
            return direct
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Invalid(
                "section-type",
                f"metadata.inherits of {name} must be a list of component names",
                at=self._position((name, "metadata", "inherits")),
                next_step="Write each base behind a dash.",
            )
        for index, base in enumerate(value):
            path = (name, "metadata", "inherits", index)
            self._require(base, path, folder_will_do=False)
            direct.append((base, path, True))
        return direct

    def _value(self, *path: str) -> object:
        value = self._components.value
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def _position(self, path: tuple[str | int, ...]) -> Position | None:
        layer = self._components.at(path)
        return layer.position if layer else None

    def _is_abstract(self, name: str) -> bool:
        return self._value(name, "metadata", "type") == "abstract"

    def _require(self, base: str, path: tuple[str | int, ...], *, folder_will_do: bool) -> None:
        known = self._components.value
        if (isinstance(known, dict) and base in known) or (folder_will_do and self._is_folder(base)):
            return
        import difflib

        near = difflib.get_close_matches(base, known if isinstance(known, dict) else (), n=3)
        raise NotFound(
            "missing-base-component",
            f"the component {path[0]} inherits from {base}, which this manifest does not have",
            at=self._position(path),
            next_step=f"Did you mean {' or '.join(near)}?" if near else "Import the file that defines it.",
        )
