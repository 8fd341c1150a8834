"""The map: order, cycles, dependents, what a change affects, and the drawing of it all."""

from gaia.graph.order import Edge, dependents, edges, graph, order

__all__ = ["Edge", "dependents", "edges", "graph", "order"]
