"""Where boxes and arrows go: Graphviz's `dot`, as a library in this process.

Only geometry is asked for. Sizes are given and no text is handed over, so that the result depends on no font of the
machine: the same graph is laid out the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Point = tuple[float, float]
_INCH = 72.0


@dataclass(frozen=True, slots=True)
class Box:
    """Something to be placed. Boxes of one column stand below each other; columns go from left to right."""

    name: str
    width: float
    height: float
    column: int


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one box to another, by their names."""

    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Points are in pixels, y going down."""

    width: float
    height: float
    centers: Mapping[str, Point]
    routes: tuple[tuple[Point, ...], ...]
    """For each arrow the points of its Bézier curve (1 + 3n of them), and after them its tip."""
    columns: Mapping[int, float]
    """The x of each column's middle."""


def lay_out(boxes: Sequence[Box], arrows: Sequence[Arrow], least: Mapping[int, float]) -> Layout:
    """Lay `boxes` out in their columns and lead `arrows` around them; `least` is how wide a column is at least."""
    from pygraphviz import AGraph

    graph = AGraph(strict=False, directed=True, rankdir="LR", nodesep="0.13", ranksep="1.0", splines="true")
    graph.node_attr.update(shape="box", fixedsize="true", label="")
    columns = sorted({box.column for box in boxes})
    rank = {column: index for index, column in enumerate(columns)}
    for index, column in enumerate(columns):
        graph.add_node(f"c{index}", width=f"{least[column] / _INCH:.4f}", height="0.01", style="invis")
        if index:
            graph.add_edge(f"c{index - 1}", f"c{index}", style="invis", weight="0")
    for column in columns:
        members = [box for box in boxes if box.column == column]
        for box in members:
            graph.add_node(box.name, width=f"{box.width / _INCH:.4f}", height=f"{box.height / _INCH:.4f}")
        graph.add_subgraph([f"c{rank[column]}", *(box.name for box in members)], rank="same")
    by_name = {box.name: rank[box.column] for box in boxes}
    for index, arrow in enumerate(arrows):
        forward = by_name[arrow.first] < by_name[arrow.last]
        graph.add_edge(arrow.first, arrow.last, key=f"e{index}", constraint=str(forward).lower())
    graph.layout(prog="dot")
    return _read(graph, boxes, arrows, columns)


def _read(graph: object, boxes: Sequence[Box], arrows: Sequence[Arrow], columns: Sequence[int]) -> Layout:
    from pygraphviz import AGraph, Edge, Node

    assert isinstance(graph, AGraph)  # noqa: S101 - the library has no types
    left, bottom, right, top = (float(one) for one in graph.graph_attr["bb"].split(","))

    def point(text: str) -> Point:
        x, y = text.split(",")[-2:]
        return round(float(x) - left, 1), round(top - float(y), 1)

    def route(index: int, arrow: Arrow) -> tuple[Point, ...]:
        text = Edge(graph, arrow.first, arrow.last, f"e{index}").attr["pos"]
        parts = text.split(";")[0].split()
        tips = [point(part[2:]) for part in parts if part.startswith("e,")]
        return (*(point(part) for part in parts if part[1:2] != ","), *tips)

    return Layout(
        right - left,
        top - bottom,
        {box.name: point(Node(graph, box.name).attr["pos"]) for box in boxes},
        tuple(route(index, arrow) for index, arrow in enumerate(arrows)),
        {column: point(Node(graph, f"c{index}").attr["pos"])[0] for index, column in enumerate(columns)},
    )
