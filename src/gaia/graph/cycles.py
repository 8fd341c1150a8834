"""Circles of dependencies: which edges make them, and which one to cut."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.graph.needs import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import networkx

    from gaia.graph.needs import Edge
    from gaia.stacks.model import InstanceKey

MOST_TRIED = 200
"""Edges of one knot that are tried as the cut; each try looks at the whole knot."""


@dataclass(frozen=True, slots=True)
class Circle:
    """Instances that need each other, and where to open the circle."""

    edges: tuple[Edge, ...]
    """One for each step, the cut first."""
    cut: tuple[Edge, ...]
    """All that lead along the step to be cut."""
    why: str


def circles(graph: networkx.DiGraph[InstanceKey]) -> tuple[Circle, ...]:
    """One circle for each edge that has to go until none is left, the most helpful cut first.

    A minimal set of such edges is hard to find (feedback arc set), so it is taken greedily: in each knot (strongly
    connected part) the edge that leaves the fewest instances in circles. Of equals, one that only declares an order
    goes before one that reads a value: the declaration can be dropped, a value would have to come from elsewhere.
    """
    import networkx

    rest = graph.copy()
    closed: list[Circle] = []
    while True:
        knots = [part for part in networkx.strongly_connected_components(rest) if _is_knot(rest, part)]
        if not knots:
            return tuple(closed)
        for knot in sorted(knots, key=sorted):
            circle = _open(rest.subgraph(knot).copy())
            closed.append(circle)
            rest.remove_edge(circle.cut[0].source, circle.cut[0].target)


def cycle_error(graph: networkx.DiGraph[InstanceKey]) -> Invalid:
    """`dependency-cycle`: each circle with the file and line of every edge, and what to cut."""
    closed = circles(graph)
    first = closed[0]
    path = " → ".join([str(first.edges[0].source), *(str(edge.target) for edge in first.edges)])
    more = f", and {len(closed) - 1} more" if len(closed) > 1 else ""
    lines = "\n".join(f"  {edge.source} needs {edge.target} ({edge.kind} at {edge.at})" for edge in first.edges)
    cuts = "; ".join(f"{_places(one.cut)} ({one.cut[0].source} needs {one.cut[0].target}): {one.why}" for one in closed)
    return Invalid(
        "dependency-cycle",
        f"instances need each other in a circle: {path}{more}\n{lines}",
        at=first.edges[0].at,
        next_step=f"Cut {cuts}.",
        facts={
            "edges": [_edge(edge) for edge in first.edges],
            "cycles": [
                {"edges": [_edge(edge) for edge in one.edges], "cut": [_edge(edge) for edge in one.cut], "why": one.why}
                for one in closed
            ],
        },
    )


def _is_knot(graph: networkx.DiGraph[InstanceKey], part: set[InstanceKey]) -> bool:
    return len(part) > 1 or any(graph.has_edge(one, one) for one in part)


def _open(knot: networkx.DiGraph[InstanceKey]) -> Circle:
    """The best cut of one strongly connected part, and the shortest circle that runs through it."""
    pairs = sorted(knot.edges, key=lambda pair: (_reads(_all(knot, pair)), pair))[:MOST_TRIED]
    left = {pair: _left(knot, pair) for pair in pairs}
    best = min(pairs, key=lambda pair: (left[pair], _reads(_all(knot, pair)), pair))
    return Circle(tuple(_circle(knot, best)), tuple(_all(knot, best)), _reason(knot, best, left[best]))


def _left(knot: networkx.DiGraph[InstanceKey], pair: tuple[InstanceKey, InstanceKey]) -> int:
    """How many instances are still in a circle when `pair` is gone."""
    import networkx

    rest = knot.copy()
    rest.remove_edge(*pair)
    return sum(len(part) for part in networkx.strongly_connected_components(rest) if _is_knot(rest, part))


def _circle(knot: networkx.DiGraph[InstanceKey], pair: tuple[InstanceKey, InstanceKey]) -> list[Edge]:
    import networkx

    source, target = pair
    way = networkx.shortest_path(knot, target, source)
    return [_all(knot, step)[0] for step in [pair, *pairwise(way)]]


def _reason(knot: networkx.DiGraph[InstanceKey], pair: tuple[InstanceKey, InstanceKey], left: int) -> str:
    edges = _all(knot, pair)
    effect = "no circle is left here then" if left == 0 else f"then {len(knot) - left} of {len(knot)} are free"
    if pair[0] == pair[1]:
        return "an instance cannot need itself"
    nature = "it reads a value, which must come from elsewhere" if _reads(edges) else "it only declares an order"
    return f"{effect}, and {nature}"


def _all(graph: networkx.DiGraph[InstanceKey], pair: tuple[InstanceKey, InstanceKey]) -> list[Edge]:
    found: list[Edge] = graph.edges[pair]["edges"]
    return found


def _reads(edges: Sequence[Edge]) -> bool:
    return any(edge.kind == REFERENCE for edge in edges)


def _places(edges: Sequence[Edge]) -> str:
    return " and ".join(dict.fromkeys(str(edge.at) for edge in edges))


def _edge(edge: Edge) -> dict[str, str]:
    return {"source": str(edge.source), "target": str(edge.target), "kind": edge.kind, "at": str(edge.at)}
