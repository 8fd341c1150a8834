"""Values that remember what they were merged from.

A layer is a node of a document, or several layers merged. Merging plain values costs no positions; only when somebody
asks where a value comes from is the way down walked again, by the same rules as the merge.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from gaia.kit.scalars import whole
from gaia.stacks.merge import APPEND, APPENDED, MERGE, combine, is_append, trailing
from gaia.stacks.model import Origin

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from gaia.errors import Position
    from gaia.kit.yaml import Document


MAX_CHAIN = 1000
"""Contributions shown of one value. Files that import each other twice would make it grow without end."""


class Layer:
    """A value with its sources, weakest first, and contributions that were replaced further up.

    The sources of a child are found when they are first asked for.
    """

    __slots__ = ("_below", "_lost", "_sources", "document", "path", "strategy", "value")

    def __init__(
        self,
        value: object,
        *,
        document: Document | None = None,
        path: tuple[str | int, ...] = (),
        sources: Sequence[Layer] = (),
        strategy: str = "replace",
        below: tuple[Layer, str | int] | None = None,
    ) -> None:
        self.value = value
        self.document = document
        self.path = path
        self.strategy = strategy
        self._sources = sources
        self._lost: Sequence[Layer] = ()
        self._below = below

    @property
    def sources(self) -> Sequence[Layer]:
        """What the value was merged from; empty for a node of a document."""
        if self._below is not None:
            (parent, key), self._below = self._below, None
            self._sources = parent.children(key)
            self._lost = [child for child in (one.child(key) for one in parent.dropped()) if child]
        return self._sources

    @property
    def lost(self) -> Sequence[Layer]:
        """Contributions that were replaced as a whole on the way down to this value."""
        return self._lost if self.sources is not None else ()

    def child(self, key: str | int) -> Layer | None:
        """The layer of one key or index, or None."""
        value = self.value
        if isinstance(value, dict):
            if key not in value:
                return None
            inner = value[key]
        elif isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
            inner = value[key]
        else:
            return None
        if self.document is not None:
            # The wrapper of `!append` is in no file: what it holds stands where the tag does.
            path = self.path if key == APPENDED else (*self.path, key)
            return Layer(inner, document=self.document, path=path)
        return Layer(inner, strategy=self.strategy, below=(self, key))

    def at(self, path: Sequence[str | int]) -> Layer | None:
        """The layer at a path below this one, or None."""
        layer: Layer | None = self
        for key in path:
            layer = layer.child(key) if layer else None
        return layer

    def without(self, keys: Collection[str]) -> Layer:
        """The same map without some keys."""
        if not isinstance(self.value, dict) or not any(key in self.value for key in keys):
            return self
        value = {key: inner for key, inner in self.value.items() if key not in keys}
        if self.document is not None:
            return Layer(value, document=self.document, path=self.path)
        return Layer(value, sources=self.sources, strategy=self.strategy)

    def leaves(self) -> Iterator[Layer]:
        """The nodes of documents that this layer came from, strongest first."""
        if self.document is not None:
            yield self
            return
        for one in reversed(self.sources):
            yield from one.leaves()
        for one in reversed(self.lost):
            yield from one.leaves()

    @property
    def position(self) -> Position:
        """Where the strongest contribution is written."""
        layer = self
        while layer.document is None:
            layer = layer.sources[-1]
        return layer.document.at(layer.path)

    def origin(self) -> Origin:
        """The value, where it is set, and what lost to it, newest loser first."""
        leaves = islice(self.leaves(), MAX_CHAIN)
        chain = tuple(Origin(whole(leaf.value), leaf.position, ()) for leaf in leaves)
        return Origin(whole(self.value), chain[0].at, chain[1:])

    def _kind(self) -> type:
        return dict if isinstance(self.value, dict) else list

    def _live(self) -> Sequence[Layer]:
        return self.sources[trailing([one.value for one in self.sources], self._kind()) :]

    def dropped(self) -> Sequence[Layer]:
        """Sources that do not take part in the value: what stands before the last run of maps or lists."""
        return (*self.lost, *self.sources[: len(self.sources) - len(self._live())])

    def children(self, key: str | int) -> Sequence[Layer]:
        """What the value of a key or index was merged from."""
        if isinstance(self.value, dict):
            return [child for child in (one.child(key) for one in self._live()) if child]
        return self._elements(int(key))

    def _elements(self, index: int) -> list[Layer]:
        """Where a list's element comes from: by the strategy, from one list or from the same index of several."""
        appends = any(is_append(one.value) for one in self.sources)
        if appends and self.strategy == MERGE:
            return self._appended_and_merged()[index]
        if appends or self.strategy == APPEND:
            return self._appended(index)
        if self.strategy != MERGE:
            child = self.sources[-1].child(index)
            return [child] if child else []
        first, *later = [child for child in (one.child(index) for one in self._live()) if child]
        # The earlier element stays, unless it is a map: then later maps are merged into it.
        return [first, *(one for one in later if isinstance(first.value, dict) and isinstance(one.value, dict))]

    def _appended(self, index: int) -> list[Layer]:
        """The element of a list that several lists were put together to."""
        chosen: list[Layer] = []
        for one in reversed(self.sources):
            wrapped = one.child(APPENDED) if is_append(one.value) else None
            if wrapped is None and not isinstance(one.value, list):
                break
            chosen.insert(0, wrapped or one)
            if wrapped is None and self.strategy != APPEND:
                break
        for one in chosen:
            length = len(one.value) if isinstance(one.value, list) else 0
            if index < length:
                child = one.child(index)
                return [child] if child else []
            index -= length
        return []

    def _appended_and_merged(self) -> list[list[Layer]]:
        """For each element of a list that some lists were appended to and others merged into, what it comes from."""
        groups: list[list[Layer]] = []
        for one in self.sources:
            wrapped = one.child(APPENDED) if is_append(one.value) else None
            items = (wrapped or one).elements()
            if wrapped is None and not isinstance(one.value, list):
                groups = []
                continue
            merging = 0 if wrapped else len(groups)
            for element, item in zip(groups[:merging], items, strict=False):
                if isinstance(element[0].value, dict) and isinstance(item.value, dict):
                    element.append(item)
            groups += [[item] for item in items[merging:]]
        return groups

    def elements(self) -> list[Layer]:
        """The layers of a list's elements; none where it is no list."""
        length = len(self.value) if isinstance(self.value, list) else 0
        return [child for child in map(self.child, range(length)) if child]


def merged(layers: Sequence[Layer], strategy: str) -> Layer | None:
    """The layers merged, weakest first; None without any."""
    if not layers:
        return None
    if len(layers) == 1:
        return layers[0]
    return Layer(combine([one.value for one in layers], strategy), sources=tuple(layers), strategy=strategy)


def without_appends(layer: Layer) -> Layer:
    """The layer with the wrappers of `!append` that no merge has used up replaced by their lists."""
    value = unwrapped(layer.value)
    return layer if value is layer.value else Layer(value, sources=(layer,), strategy=layer.strategy)


def unwrapped(value: object) -> object:
    """A value with the wrappers of `!append` replaced by their lists."""
    if isinstance(value, dict):
        if is_append(value):
            return unwrapped(value[APPENDED])
        changed = {key: new for key, old in value.items() if (new := unwrapped(old)) is not old}
        return {**value, **changed} if changed else value
    if isinstance(value, list):
        items = [unwrapped(old) for old in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value
