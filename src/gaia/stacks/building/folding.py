"""Sections as plain values, merged by their layers. Places are found again later, by `StackFile`, when somebody asks.

Thousands of instances are made of few parts, so nothing is done twice: the sections of a file and type are merged once,
the bases once for all manifests that share them, and what only one layer has is handed on as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.stacks.building.stackfile import NOTHING, StackFile, wrong_type
from gaia.stacks.building.traits import FUNCTION, Traits
from gaia.stacks.loading.tags import function_of
from gaia.stacks.merge import combine, together

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gaia.stacks.building.kinds import Kind

DEFERRED = frozenset(
    (
        "template",
        "terraform.output",
        "terraform.state",
        "store",
        "store.get",
        "exec",
        "env",
        "labels",
        "labels.keys",
        "labels.values",
        "tags",
    )
)
"""Functions that run before the layers are merged, where they meet another layer's value; others take part as texts."""
NOT_INHERITED = ("type", "inherits")
Values = dict[str, object]
Path = tuple[str, ...]


@dataclass(slots=True)
class Fold:
    """The merged sections of one component, before names, templates and functions."""

    values: Values
    strategy: str
    traits: int
    """What the sections may hold, as a sum of `traits`."""
    deferred: dict[Path, list[object]] = field(default_factory=dict)
    """Where a function meets another layer's value: the values of all layers, weakest first."""


@dataclass(frozen=True, slots=True)
class _Part:
    values: Mapping[str, object]
    traits: int


class Folds:
    """Makes folds; remembers what several components share. `under` are sections that lie below all layers."""

    def __init__(self, strategy: str, traits: Traits, *, inherit_metadata: bool, under: Mapping[str, object]) -> None:
        self._strategy = strategy
        self._traits = traits
        self._inherit_metadata = inherit_metadata
        self._under = under
        self._bases: dict[tuple[str, tuple[int, ...]], tuple[object, _Part]] = {}
        self._levels: dict[tuple[int, str, str], tuple[object, _Part]] = {}

    def fold(self, file: StackFile, kind: Kind, name: str) -> Fold:
        """The sections of a component of a manifest. Parts are shared and must not be changed.

        Raises:
            Invalid: what is wrong with a section or a base, with a position.
        """
        own = file.own(kind.name, name)
        components = file.names(kind.name)
        chain = file.bases(kind.name, name)
        bases = tuple(file.own(kind.name, one) for one in chain if one in components)
        base = self._base(bases, kind, self._strategy) if chain else EMPTY
        layer = file.overrides(kind.name, name)
        over = layer.value if layer is not None and isinstance(layer.value, dict) else NOTHING
        strategy = self._strategy_of(file, kind, name, own, base.values, over)
        if chain and strategy != self._strategy:
            base = self._base(bases, kind, strategy)
        level = self._level(file, kind, strategy)
        fold = Fold(
            dict(level.values), strategy, level.traits | base.traits | self._traits_of(own) | self._traits_of(over)
        )
        self._merge(file, kind, name, fold, (base.values, own, over))
        if over:
            fold.values["overrides"] = over
        return fold

    def _merge(
        self, file: StackFile, kind: Kind, name: str, fold: Fold, layers: tuple[Mapping[str, object], ...]
    ) -> None:
        base, own, over = layers
        values, maps = fold.values, kind.maps
        for section in {**base, **own, **over} if base or over else own:
            order = maps.get(section)
            if order is not None:
                parts = [values[section]] if section in values else []
                if section in base:
                    parts.append(base[section])
                if section in own:
                    parts.append(own[section])
                if section in over and order[-1] == "O":
                    parts.append(over[section])
                if parts:
                    values[section] = self._combined(file, kind, name, section, parts, fold)
            elif section == "metadata":
                parts = [layer[section] for layer in (values, base, own) if section in layer]
                values[section] = combine(parts, fold.strategy) if parts else {}
            elif section in kind.words:
                self._word(file, kind, name, section, fold, layers)

    def _combined(
        self, file: StackFile, kind: Kind, name: str, section: str, parts: list[object], fold: Fold
    ) -> object:
        if len(parts) == 1:
            return parts[0]
        value = combine(parts, fold.strategy)
        if fold.traits & FUNCTION and any(self._traits.of(part) & FUNCTION for part in parts):
            for path, found in conflicts(parts):
                placed = put(value, path, together([one for one in found if one is not None], fold.strategy))
                if placed is None:
                    raise _no_way(file, kind, name, (section, *path))
                if len(found) > 1:
                    value = placed
                    fold.deferred[section, *path] = found
        return value

    def _word(
        self, file: StackFile, kind: Kind, name: str, section: str, fold: Fold, layers: tuple[Mapping[str, object], ...]
    ) -> None:
        base, own, over = layers
        order = kind.words[section]
        for layer in (over if order[-1] == "O" else NOTHING, own, base):
            value = layer.get(section)
            if value:
                if not isinstance(value, str):
                    parts = file.parts(kind.name, name, (section,), order)
                    raise wrong_type(f"{section} of {name}", parts[-1], "a text")
                fold.values[section] = value
                return

    def _strategy_of(
        self,
        file: StackFile,
        kind: Kind,
        name: str,
        own: Mapping[str, object],
        base: Mapping[str, object],
        over: Mapping[str, object],
    ) -> str:
        for layer in (over, own, base, file.tree.get(kind.name), file.tree):
            settings = layer.get("settings") if isinstance(layer, dict) else None
            if isinstance(settings, dict) and "list_merge_strategy" in settings:
                return file.strategy(kind.name, name)
        return self._strategy

    def _level(self, file: StackFile, kind: Kind, strategy: str) -> _Part:
        """What the file and its section of the type set for all components."""
        key = (id(file), kind.name, strategy)
        if key not in self._levels:
            own = file.tree.get(kind.name)
            typed = own if isinstance(own, dict) else NOTHING
            values: Values = {}
            for section, order in kind.maps.items():
                layers = [self._under] if section in self._under else []
                layers += [file.tree] if "G" in order and section in file.tree else []
                layers += [typed] if "T" in order and section in typed else []
                if layers:
                    values[section] = combine([layer[section] for layer in layers], strategy)
            for section, order in kind.words.items():
                word = typed.get(section) if "T" in order else None
                if word:
                    if not isinstance(word, str):
                        layer = file.top.at((kind.name, section)) or file.top
                        raise wrong_type(f"{kind.name}.{section}", layer, "a text")
                    values[section] = word
            if "metadata" in file.tree:
                values["metadata"] = file.tree["metadata"]
            traits = 0
            for value in values.values():
                traits |= self._traits.of(value)
            self._levels[key] = (file, _Part(values, traits))
        return self._levels[key][1]

    def _base(self, parts: Sequence[Mapping[str, object]], kind: Kind, strategy: str) -> _Part:
        """The bases folded, weakest first. Each base assigns the words, also nothing, so only the last one's count."""
        key = (strategy, tuple(map(id, parts)))
        known = self._bases.get(key)
        if known is not None:
            return known[1]
        values: Values = {}
        for section in {section for part in parts for section in part}:
            if section in kind.maps:
                sections = [part[section] for part in parts if section in part]
                values[section] = combine(sections, strategy)
            elif section == "metadata" and self._inherit_metadata:
                sections = [_handed_down(part[section]) for part in parts if section in part]
                values[section] = combine(sections, strategy)
            elif section in kind.words and section in parts[-1]:
                values[section] = parts[-1][section]
        traits = 0
        for part in parts:
            traits |= self._traits_of(part)
        result = _Part(values, traits)
        self._bases[key] = (parts, result)
        return result

    def _traits_of(self, component: Mapping[str, object]) -> int:
        return self._traits.of(component) if component else 0


EMPTY = _Part(NOTHING, 0)


def _handed_down(metadata: object) -> object:
    if isinstance(metadata, dict) and any(key in metadata for key in NOT_INHERITED):
        return {key: value for key, value in metadata.items() if key not in NOT_INHERITED}
    return metadata


def conflicts(parts: Sequence[object]) -> Iterator[tuple[Path, list[object]]]:
    """Where a layer has a function: the path and the values of all layers there, weakest first; the top ones first."""
    for path in sorted({path: None for part in parts for path in _functions(part, ())}, key=len):
        places = []
        for part in parts:
            value: object = part
            for key in path:
                value = value.get(key, _MISSING) if isinstance(value, dict) else _MISSING
            if value is not _MISSING:
                places.append(value)
        yield path, places


def put(holder: object, path: Sequence[str], value: object) -> object:
    """A map with another value at a path; the rest is shared. None where something on the way is no map."""
    if not path:
        return value
    if not isinstance(holder, dict):
        return None
    inner = put(holder.get(path[0], {}), path[1:], value) if path[1:] else value
    return None if inner is None and path[1:] else {**holder, path[0]: inner}


_MISSING = object()


def _functions(value: object, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _functions(inner, (*path, key))
    elif isinstance(value, str) and function_of(value) in DEFERRED:
        yield path


def _no_way(file: StackFile, kind: Kind, name: str, path: Path) -> Invalid:
    """Atmos cannot put the function's result where it belongs, and neither can anybody."""
    layers = file.parts(kind.name, name, path[:1], kind.maps[path[0]])
    holder = next((found for layer in reversed(layers) if (found := layer.at(path[1:]))), layers[-1])
    return Invalid(
        "function-path",
        f"{'.'.join(path)} of {name} is set by a function, but another layer makes something above it no map",
        at=holder.position,
        next_step="Remove one of the two, or make both of them maps.",
    )
