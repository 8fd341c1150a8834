"""Who needs whom, as levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.format import count
from gaia.cli.screens.tables import Column, Rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from gaia.graph.picture import Node, Picture
    from gaia.stacks.model import InstanceKey

_MARKS = {"changed": ("~", "update"), "reached": ("↻", "warn")}


def graph_screen(picture: Picture) -> list[RenderableType]:
    """A block a level, each instance with what it needs directly (`reverse`: with what needs it)."""
    own = picture.own
    if not own:
        return [Text("There are no instances.")]
    around = _around(picture)
    levels = list(enumerate(picture.levels, 1))
    head = f"  {count(len(own), 'instance')} on {count(len(levels), 'level')}"
    parts: list[RenderableType] = [Text.assemble((picture.title, "title"), (head, "quiet"))]
    rows: list[Text | tuple[Text, Text]] = []
    verb = "needed by" if picture.reverse else "needs"
    for number, nodes in reversed(levels) if picture.reverse else levels:
        rows += [Text(""), Text(f"level {number}", "quiet")]
        rows += [(_name(node, picture), _names(around.get(node.key, ()), verb, picture)) for node in nodes]
    parts.append(Rows((Column(), Column(flows=True)), rows, apart=1))
    missing = [node for node in picture.nodes if node.state == "missing"]
    if missing:
        names = ", ".join(str(node.key) for node in missing)
        parts += [Text(""), Text(f"! needed, but there is no {names}", "bad")]
    if picture.marked:
        parts += [Text(""), Text(f"~ changed since {picture.marked}   ↻ reached by such a change", "quiet")]
    return parts


def _around(picture: Picture) -> Mapping[InstanceKey, list[Node]]:
    """What each node needs directly, or what needs it."""
    by_key = {node.key: node for node in picture.nodes}
    found: dict[InstanceKey, list[Node]] = {}
    for line in picture.lines:
        first, last = (line.target, line.source) if picture.reverse else (line.source, line.target)
        if not line.implied:
            found.setdefault(first, []).append(by_key[last])
    return found


def _name(node: Node, picture: Picture) -> Text:
    sign, style = _MARKS.get(node.mark, (" ", "name"))
    shown = _short(node, picture)
    return Text.assemble((f"{sign} ", style), (shown, "quiet" if node.state == "disabled" else style))


def _names(nodes: Sequence[Node], verb: str, picture: Picture) -> Text:
    if not nodes:
        return Text("")
    text = Text(f"{verb} ", "quiet")
    for index, node in enumerate(nodes):
        text.append(", " if index else "", "quiet")
        text.append(_short(node, picture), "bad" if node.state == "missing" else "quiet" if node.level < 1 else "")
    return text


def _short(node: Node, picture: Picture) -> str:
    return node.key.component if node.key.stack == picture.stack else str(node.key)
