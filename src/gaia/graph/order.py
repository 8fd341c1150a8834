"""In which order instances can be worked on, from what they need of each other."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from gaia.graph.needs import DECLARED, Edge, Need, context_of, key_of, needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import networkx

    from gaia.stacks.model import Instance, InstanceKey


def order(instances: Iterable[Instance], *, reverse: bool = False) -> tuple[tuple[InstanceKey, ...], ...]:
    """Levels, dependencies first (`reverse`: dependents first); those of one level can run side by side.

    Each level is sorted. Dependencies on instances that are not given do not count.

    Raises:
        Invalid: `dependency-cycle`, with the place of every edge and the edges to cut.
    """
    known = Known(instances)
    return _levels(_targets(known), lambda: graph(known.by_key.values()), reverse=reverse)


def needed(instances: Iterable[Instance], *, reverse: bool = False) -> dict[InstanceKey, frozenset[InstanceKey]]:
    """By instance, which of the others it needs directly (`reverse`: which need it); without a look for circles."""
    known = _targets(Known(instances))
    return {key: frozenset(targets) for key, targets in (_turned(known) if reverse else known).items()}


def _targets(known: Known) -> dict[InstanceKey, set[InstanceKey]]:
    return {key: {edge.target for edge in _edges(one, known)} for key, one in known.by_key.items()}


def _turned(needed: Mapping[InstanceKey, set[InstanceKey]]) -> dict[InstanceKey, set[InstanceKey]]:
    turned: dict[InstanceKey, set[InstanceKey]] = {key: set() for key in needed}
    for source, targets in needed.items():
        for target in targets:
            turned[target].add(source)
    return turned


def levels(made: networkx.DiGraph[InstanceKey], *, reverse: bool = False) -> tuple[tuple[InstanceKey, ...], ...]:
    """`order` of a graph that is there already.

    Raises:
        Invalid: `dependency-cycle`.
    """
    return _levels({key: set(made.successors(key)) for key in made}, lambda: made, reverse=reverse)


def _levels(
    needed: Mapping[InstanceKey, set[InstanceKey]],
    made: Callable[[], networkx.DiGraph[InstanceKey]],
    *,
    reverse: bool,
) -> tuple[tuple[InstanceKey, ...], ...]:
    """Without networkx, whose import takes a tenth of a second; `made` is asked where there is a cycle."""
    sorter = TopologicalSorter(_turned(needed) if reverse else needed)
    try:
        sorter.prepare()
    except CycleError as error:
        from gaia.graph.cycles import cycle_error

        raise cycle_error(made()) from error
    found = []
    while level := sorter.get_ready():
        found.append(tuple(sorted(level)))
        sorter.done(*level)
    return tuple(found)


def dependents(key: InstanceKey, instances: Iterable[Instance]) -> tuple[InstanceKey, ...]:
    """Every instance that needs `key`, directly or through others, sorted."""
    import networkx

    made = graph(instances)
    return tuple(sorted(networkx.ancestors(made, key) - {key})) if key in made else ()


def edges(instance: Instance, instances: Iterable[Instance]) -> tuple[Edge, ...]:
    """What an instance needs among the given ones: references first, then what is declared."""
    return tuple(_edges(instance, Known(instances)))


def graph(instances: Iterable[Instance]) -> networkx.DiGraph[InstanceKey]:
    """Who needs whom; each pair has `edges`, all that lead from one to the other."""
    import networkx

    known = Known(instances)
    made: networkx.DiGraph[InstanceKey] = networkx.DiGraph()
    made.add_nodes_from(known.by_key)
    for instance in known.by_key.values():
        for edge in _edges(instance, known):
            if made.has_edge(edge.source, edge.target):
                made.edges[edge.source, edge.target]["edges"].append(edge)
            else:
                made.add_edge(edge.source, edge.target, edges=[edge])
    return made


class Known:
    """Instances by key, and by component and context for what is looked for by context."""

    def __init__(self, instances: Iterable[Instance]) -> None:
        self.by_key: Mapping[InstanceKey, Instance] = {one.key: one for one in instances}
        self._by_context: dict[tuple[str, tuple[str, ...]], list[InstanceKey]] = {}

    def targets(self, need: Need) -> Iterator[InstanceKey]:
        """The instances that a need leads to."""
        key = key_of(need)
        if key is not None:
            if key in self.by_key:
                yield key
            return
        if not self._by_context:
            for key, one in self.by_key.items():
                self._by_context.setdefault((key.component, context_of(one.vars)), []).append(key)
        yield from self._by_context.get((need.component, need.context), ())


def _edges(instance: Instance, known: Known) -> Iterator[Edge]:
    for need in needs(instance):
        for target in known.targets(need):
            # What a whole file declares reaches the needed component too, and Atmos passes over that.
            if target != instance.key or need.kind not in DECLARED:
                yield Edge(instance.key, target, need, instance)
