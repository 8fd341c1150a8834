"""In which order instances can be worked on, from what they read of each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Position
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import networkx

    from gaia.stacks.model import Instance

CONTEXT = ("namespace", "tenant", "environment", "stage")


@dataclass(frozen=True, slots=True)
class Edge:
    """`source` needs `target` first; `at` is where the manifest says so."""

    source: InstanceKey
    target: InstanceKey
    kind: str
    """`reference`, `depends_on` or `dependencies`."""
    at: Position


def order(instances: Iterable[Instance]) -> tuple[tuple[InstanceKey, ...], ...]:
    """Levels, dependencies first; those of one level can run side by side and are sorted.

    Dependencies on instances that are not given do not count.

    Raises:
        Invalid: `dependency-cycle`, with the place of every edge.
    """
    import networkx

    graph = _graph(list(instances))
    try:
        return tuple(tuple(sorted(level)) for level in networkx.topological_generations(graph.reverse(copy=False)))
    except networkx.NetworkXUnfeasible as error:
        raise _cycle(graph) from error


def dependents(key: InstanceKey, instances: Iterable[Instance]) -> tuple[InstanceKey, ...]:
    """Every instance that needs `key`, directly or through others, sorted."""
    import networkx

    graph = _graph(list(instances))
    return tuple(sorted(networkx.ancestors(graph, key))) if key in graph else ()


def edges(instance: Instance, instances: Iterable[Instance]) -> tuple[Edge, ...]:
    """What an instance needs among the given ones, in the order of their kinds."""
    return tuple(_edges(instance, {one.key: one for one in instances}))


def _graph(instances: list[Instance]) -> networkx.DiGraph[InstanceKey]:
    import networkx

    known = {one.key: one for one in instances}
    graph: networkx.DiGraph[InstanceKey] = networkx.DiGraph()
    graph.add_nodes_from(known)
    for instance in instances:
        for edge in _edges(instance, known):
            if not graph.has_edge(edge.source, edge.target):
                graph.add_edge(edge.source, edge.target, edge=edge)
    return graph


def _edges(instance: Instance, known: Mapping[InstanceKey, Instance]) -> Iterator[Edge]:
    for _, reference in instance.references:
        needed = InstanceKey(reference.stack, reference.component)
        if needed in known:
            yield Edge(instance.key, needed, "reference", reference.at)
    listed = instance.dependencies.get("components")
    if isinstance(listed, list) and any(_named(entry) for entry in listed):
        for index, entry in ((index, entry) for index, entry in enumerate(listed) if isinstance(entry, dict)):
            component = _named(entry)
            needed = InstanceKey(str(entry.get("stack") or instance.key.stack), component or "")
            if needed in known:
                yield Edge(
                    instance.key, needed, "dependencies", _place(instance, ("dependencies", "components", index))
                )
        return
    legacy = instance.settings.get("depends_on")
    for name, entry in legacy.items() if isinstance(legacy, dict) else ():
        for target in _legacy_targets(instance, entry, known):
            yield Edge(instance.key, target, "depends_on", _place(instance, ("settings", "depends_on", name)))


def _named(entry: object) -> str | None:
    """The Terraform component that an entry of `dependencies.components` names, or None."""
    if not isinstance(entry, dict) or entry.get("kind", "terraform") != "terraform":
        return None
    name = entry.get("component") or entry.get("name")
    return name if isinstance(name, str) else None


def _legacy_targets(instance: Instance, entry: object, known: Mapping[InstanceKey, Instance]) -> Iterator[InstanceKey]:
    """`settings.depends_on`: a stack by name, or by context, of which the own is the default."""
    component = entry.get("component") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(component, str):
        return
    if entry.get("stack"):
        yield from (key for key in (InstanceKey(str(entry["stack"]), component),) if key in known)
        return
    if not any(entry.get(name) for name in CONTEXT):
        yield from (key for key in (InstanceKey(instance.key.stack, component),) if key in known)
        return
    wanted = {name: entry.get(name) or instance.vars.get(name) for name in CONTEXT}
    for key, other in known.items():
        if key.component == component and all(other.vars.get(name) == value for name, value in wanted.items()):
            yield key


def _place(instance: Instance, path: tuple[str | int, ...]) -> Position:
    return instance.explain(path).at


def _cycle(graph: networkx.DiGraph[InstanceKey]) -> Invalid:
    import networkx

    loop: list[Edge] = [graph.edges[source, target]["edge"] for source, target, *_ in networkx.find_cycle(graph)]
    path = " → ".join([*(str(edge.source) for edge in loop), str(loop[-1].target)])
    return Invalid(
        "dependency-cycle",
        f"instances need each other in a circle: {path}",
        at=loop[0].at,
        next_step="Cut one of these: "
        + ", ".join(f"{edge.at} ({edge.source} needs {edge.target})" for edge in loop)
        + ".",
        facts={
            "edges": [
                {"source": str(edge.source), "target": str(edge.target), "kind": edge.kind, "at": str(edge.at)}
                for edge in loop
            ]
        },
    )
