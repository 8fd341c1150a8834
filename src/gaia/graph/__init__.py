"""The map: order, cycles, dependents."""

from gaia.graph.order import dependents, edges, order

__all__ = ["dependents", "edges", "order"]
