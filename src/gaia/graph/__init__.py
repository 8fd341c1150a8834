"""The map: order, cycles, dependents, what a change affects, and the drawing of it all."""

from gaia.graph.analyzer import DependencyAnalyzer
from gaia.graph.compare import Affected, affected
from gaia.graph.needed_by import describe_dependents
from gaia.graph.needs import Edge
from gaia.graph.order import dependents, edges, graph, order
from gaia.graph.report import describe_affected

__all__ = [
    "Affected",
    "DependencyAnalyzer",
    "Edge",
    "affected",
    "dependents",
    "describe_affected",
    "describe_dependents",
    "edges",
    "graph",
    "order",
]
