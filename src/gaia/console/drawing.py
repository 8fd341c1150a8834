"""A graph of instances as SVG that takes its colours from the page's style: no style stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from gaia.graph.graphviz import Arrow, Box, lay_out
from gaia.kit.visible import cut, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gaia.graph.graphviz import Point

MOST = 150
"""Boxes that a page draws; more cannot be read on one."""
_HEIGHT, _PAD, _LETTER, _LONGEST = 46.0, 16.0, 8.8, 34


@dataclass(frozen=True, slots=True)
class Node:
    """A box: its name, the line below it, what the style colours it by, and where it leads."""

    name: str
    below: str = ""
    tone: str = ""
    path: str = ""


def drawn(nodes: Sequence[Node], lines: Iterable[tuple[str, str]], title: str) -> Markup:
    """The graph; `lines` lead from what needs to what is needed, which stands further to the left."""
    if not nodes or len(nodes) > MOST:
        return Markup("")
    names = {node.name: f"n{index}" for index, node in enumerate(nodes)}
    inner = [(source, target) for source, target in lines if source in names and target in names and source != target]
    columns = _columns(list(names), inner)
    widths: dict[int, float] = {}
    for one in nodes:
        widths[columns[one.name]] = max(widths.get(columns[one.name], 0.0), _width(one))
    boxes = [Box(names[one.name], widths[columns[one.name]], _HEIGHT, columns[one.name]) for one in nodes]
    arrows = [Arrow(names[target], names[source]) for source, target in inner]
    placed = lay_out(boxes, arrows, dict.fromkeys(columns.values(), 0.0))
    curves = Markup("").join(_curve(points) for points in placed.routes)
    cards = Markup("").join(_card(node, box, placed.centers[box.name]) for node, box in zip(nodes, boxes, strict=True))
    width, height = placed.width + 4, placed.height + 4
    return Markup(
        '<svg class="graph" viewBox="-2 -2 {w} {h}" width="{w}" height="{h}" role="group" aria-label="{title}">'
        "{curves}{cards}</svg>"
    ).format(w=_n(width), h=_n(height), title=visible(title), curves=curves, cards=cards)


def _columns(names: list[str], lines: Sequence[tuple[str, str]]) -> Mapping[str, int]:
    """How deep each stands: one more than the deepest that it needs. A circle ends where it was begun."""
    needs: dict[str, list[str]] = {name: [] for name in names}
    for source, target in lines:
        needs[source].append(target)
    depth = dict.fromkeys(names, 0)
    for _ in names:
        found = {name: max((depth[one] + 1 for one in needs[name]), default=0) for name in names}
        if found == depth:
            break
        depth = {name: min(each, len(names)) for name, each in found.items()}
    return depth


def _width(node: Node) -> float:
    longest = max(len(cut(visible(node.name), _LONGEST)), len(cut(visible(node.below), _LONGEST)) * 0.9)
    return max(110.0, longest * _LETTER + 2 * _PAD)


def _card(node: Node, box: Box, center: Point) -> Markup:
    x, y = center[0] - box.width / 2, center[1] - _HEIGHT / 2
    name, below = (cut(visible(text), _LONGEST) for text in (node.name, node.below))
    card = Markup(
        '<g class="node {tone}"><title>{title}</title><rect x="{x}" y="{y}" width="{w}" height="{h}" rx="9"/>'
        '<text class="name" x="{tx}" y="{first}">{name}</text>'
        '<text class="below" x="{tx}" y="{second}">{below}</text></g>'
    ).format(
        tone=node.tone,
        title=f"{visible(node.name)} {visible(node.below)}".strip(),
        x=_n(x), y=_n(y), w=_n(box.width), h=_n(_HEIGHT), tx=_n(x + _PAD),
        first=_n(y + (20 if below else 28)), second=_n(y + 36), name=name, below=below,
    )  # fmt: skip
    return Markup('<a href="{}">{}</a>').format(node.path, card) if node.path else card


def _curve(points: Sequence[Point]) -> Markup:
    (sx, sy), *rest = points[:-1]
    tip = points[-1]
    path = f"M{_n(sx)},{_n(sy)}C" + " ".join(f"{_n(x)},{_n(y)}" for x, y in rest) + f"L{_n(tip[0])},{_n(tip[1])}"
    return Markup('<path class="line" d="{}"/><circle class="tip" cx="{}" cy="{}" r="3"/>').format(
        path, _n(tip[0]), _n(tip[1])
    )


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
