"""What a drawing shows, before it is known how: nodes on levels, lines between them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from gaia.graph.needs import key_of, needs
from gaia.graph.order import graph as graph_of
from gaia.graph.order import levels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gaia.graph.needs import Edge
    from gaia.stacks.model import Instance, InstanceKey

Mark = Literal["", "changed", "reached"]
State = Literal["", "external", "missing", "disabled"]


@dataclass(frozen=True, slots=True)
class Node:
    """An instance. `external`: of another stack; `missing`: needed, but there is none of that name."""

    key: InstanceKey
    folder: str
    """The folder of its code; empty where that is not known."""
    level: int
    """1 needs nothing here; 0 and -1 are other stacks' instances that are needed, and that need something here."""
    state: State = ""
    mark: Mark = ""
    """`changed` since a commit, or `reached` by such a change."""


@dataclass(frozen=True, slots=True)
class Line:
    """`source` needs `target`."""

    source: InstanceKey
    target: InstanceKey
    kinds: tuple[str, ...]
    places: tuple[str, ...]
    """Where the manifests say so."""
    implied: bool = False
    """The target is needed through others already, so the line adds nothing to the order."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes sorted by level and name, lines sorted."""

    stack: str | None
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    reverse: bool = False
    """Arrows lead from what is needed to what needs it."""
    marked: str = ""
    """What the marks compare with; empty without marks."""

    @property
    def title(self) -> str:
        """What is shown, in a few words."""
        return self.stack or "All stacks"

    @property
    def own(self) -> tuple[Node, ...]:
        """The nodes that are instances asked for."""
        return tuple(node for node in self.nodes if node.level > 0)

    @property
    def levels(self) -> tuple[tuple[Node, ...], ...]:
        """The own nodes by level, what needs nothing first."""
        return tuple(tuple(nodes) for _, nodes in groupby(self.own, key=lambda node: node.level))

    @property
    def summary(self) -> str:
        """A sentence: how much there is, and how to read it."""
        tally = Counter(node.level > 0 for node in self.nodes)
        parts = [f"{tally[True]} instances on {len(self.levels)} levels"]
        if tally[False]:
            parts.append(f"{tally[False]} of other stacks or missing")
        way = "what is needed to what needs it" if self.reverse else "an instance to what it needs"
        return f"{', '.join(parts)}. An arrow leads from {way}."


def picture(
    instances: Sequence[Instance],
    *,
    stack: str | None = None,
    around: Iterable[Instance] = (),
    exists: Iterable[InstanceKey] = (),
    marks: Mapping[InstanceKey, Mark] | None = None,
    marked: str = "",
    reverse: bool = False,
) -> Picture:
    """The picture of `instances`.

    `around` are instances of other stacks: those that have to do with `instances` are shown as external. What is needed
    and is in neither and not in `exists` is shown as missing.

    Raises:
        Invalid: `dependency-cycle`.
    """
    import networkx

    shown = {one.key for one in instances}
    whole = graph_of([*instances, *around])
    inner = whole.subgraph(shown).copy()  # a view counts its nodes again whenever it is asked
    level_of = {key: number for number, keys in enumerate(levels(inner), 1) for key in keys}
    less = networkx.transitive_reduction(inner)
    marks = marks or {}
    lines = [
        _line(source, target, whole.edges[source, target]["edges"], implied=not less.has_edge(source, target))
        if source in shown and target in shown
        else _line(source, target, whole.edges[source, target]["edges"])
        for source, target in whole.edges
        if source in shown or target in shown
    ]
    nodes = [
        Node(one.key, one.component_path, level_of[one.key], "" if one.enabled else "disabled", marks.get(one.key, ""))
        for one in instances
    ]
    paths = {one.key: one.component_path for one in around}
    needed = {line.target for line in lines} - shown
    needing = {line.source for line in lines} - shown - needed
    nodes += [Node(key, paths.get(key, ""), 0, "external", marks.get(key, "")) for key in needed]
    nodes += [Node(key, paths.get(key, ""), -1, "external", marks.get(key, "")) for key in needing]
    known = shown | set(paths) | set(exists)
    elsewhere = list(_elsewhere(instances, shown | set(paths), known))
    lines += [line for line, _ in elsewhere]
    states = {line.target: state for line, state in elsewhere}
    nodes += [Node(key, "", 0, state, marks.get(key, "")) for key, state in states.items()]
    return Picture(
        stack,
        tuple(sorted(nodes, key=lambda node: (node.level, node.key))),
        tuple(sorted(lines, key=lambda line: (line.source, line.target))),
        reverse,
        marked,
    )


def _line(source: InstanceKey, target: InstanceKey, edges: Sequence[Edge], *, implied: bool = False) -> Line:
    kinds = tuple(dict.fromkeys(edge.kind for edge in edges))
    return Line(source, target, kinds, tuple(dict.fromkeys(str(edge.at) for edge in edges)), implied)


def _elsewhere(
    instances: Sequence[Instance], near: set[InstanceKey], known: set[InstanceKey]
) -> Iterator[tuple[Line, State]]:
    """Lines to what is not among the instances given: it exists but was not built, or is missing."""
    elsewhere: dict[tuple[InstanceKey, InstanceKey], list[tuple[str, str]]] = {}
    for one in instances:
        for need in needs(one):
            key = key_of(need)
            if key is not None and key not in near:
                elsewhere.setdefault((one.key, key), []).append((need.kind, str(need.at(one))))
    for (source, target), pairs in elsewhere.items():
        kinds, places = (tuple(dict.fromkeys(each)) for each in zip(*pairs, strict=True))
        yield Line(source, target, kinds, places), "external" if target in known else "missing"
