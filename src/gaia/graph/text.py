"""Drawings that are text: Mermaid, DOT, JSON."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

from gaia.graph.needs import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.graph.picture import Node, Picture
    from gaia.stacks.model import InstanceKey

_CLASSES = {
    "external": "fill:#f1f3f5,stroke:#868e96,color:#343a40,stroke-dasharray:4 3",
    "missing": "fill:#fff5f5,stroke:#c92a2a,color:#c92a2a,stroke-dasharray:4 3",
    "disabled": "fill:#f8f9fa,stroke:#ced4da,color:#868e96",
    "changed": "fill:#ffd43b,stroke:#a66b00,color:#1f1500",
    "reached": "fill:#fff3bf,stroke:#a66b00,color:#1f1500",
}


def document(picture: Picture) -> dict[str, object]:
    """The picture as JSON data: nodes, edges and levels, by the keys' text form."""
    return {
        "stack": picture.stack,
        "reverse": picture.reverse,
        "compared_with": picture.marked or None,
        "nodes": [
            {
                "id": str(node.key),
                "stack": node.key.stack,
                "component": node.key.component,
                "folder": node.folder or None,
                "level": node.level if node.level > 0 else None,
                "state": node.state or "own",
                "mark": node.mark or None,
            }
            for node in picture.nodes
        ],
        "edges": [
            {
                "source": str(line.source),
                "target": str(line.target),
                "kinds": list(line.kinds),
                "at": list(line.places),
                "implied": line.implied,
            }
            for line in picture.lines
        ],
        "levels": [
            [str(node.key) for node in level]
            for level in (reversed(picture.levels) if picture.reverse else picture.levels)
        ],
    }


def as_json(picture: Picture) -> str:
    """The document, indented."""
    return json.dumps(document(picture), indent=2, ensure_ascii=False) + "\n"


def as_mermaid(picture: Picture) -> str:
    """A Mermaid flowchart; one subgraph a level, or a stack where several are shown."""
    names = _names(picture)
    lines = ["---", f"title: {json.dumps(picture.title, ensure_ascii=False)}", "---", "flowchart LR"]
    for index, (title, nodes) in enumerate(_groups(picture)):
        lines.append(f'  subgraph g{index}["{_mermaid(title)}"]')
        for node in nodes:
            mark = node.mark or node.state
            label = "<br/>".join(_mermaid(part) for part in labels(node, picture))
            lines.append(f'    {names[node.key]}["{label}"]{f":::{mark}" if mark else ""}')
        lines.append("  end")
    for line in picture.lines:
        first, last = (line.target, line.source) if picture.reverse else (line.source, line.target)
        lines.append(f"  {names[first]} {'-->' if REFERENCE in line.kinds else '-.->'} {names[last]}")
    used = {node.mark or node.state for node in picture.nodes}
    lines += [f"  classDef {name} {style}" for name, style in _CLASSES.items() if name in used]
    return "\n".join(lines) + "\n"


def as_dot(picture: Picture) -> str:
    """A graph in Graphviz's language; the same groups as in Mermaid."""
    names = _names(picture)
    lines = [
        f"digraph {_dot(picture.title)} {{",
        "  rankdir=LR; nodesep=0.2; ranksep=0.9; compound=true;",
        '  node [shape=box, style="rounded,filled", fillcolor="#ffffff", fontname="Helvetica", fontsize=11];',
        '  edge [color="#868e96", arrowsize=0.7];',
    ]
    for index, (title, nodes) in enumerate(_groups(picture)):
        lines.append(f"  subgraph cluster_{index} {{")
        lines.append(f'    label={_dot(title)}; style=rounded; color="#dee2e6"; fontname="Helvetica"; fontsize=10;')
        for node in nodes:
            label = _dot("\n".join(labels(node, picture)))
            lines.append(f"    {names[node.key]} [label={label}, tooltip={_dot(str(node.key))}{_dot_style(node)}];")
        lines.append("  }")
    for line in picture.lines:
        first, last = (line.target, line.source) if picture.reverse else (line.source, line.target)
        style = "" if REFERENCE in line.kinds else "style=dashed, "
        tip = _dot(", ".join(line.places))
        lines.append(f"  {names[first]} -> {names[last]} [{style}tooltip={tip}];")
    return "\n".join([*lines, "}"]) + "\n"


def labels(node: Node, picture: Picture) -> tuple[str, ...]:
    """The lines in a node's box: its name; the stack where that is not the picture's, or the folder if it says more."""
    if node.state == "missing":
        return node.key.component, f"not in {node.key.stack}"
    if node.key.stack != picture.stack:
        return node.key.component, node.key.stack
    return (node.key.component,) if node.folder in node.key.component else (node.key.component, node.folder)


def _groups(picture: Picture) -> Iterator[tuple[str, list[Node]]]:
    """Who is drawn together."""
    if picture.stack is None:
        by_stack = sorted(picture.nodes, key=lambda node: node.key)
        for stack, nodes in groupby(by_stack, key=lambda node: node.key.stack):
            yield stack, list(nodes)
        return
    for level, nodes in groupby(picture.nodes, key=lambda node: node.level):
        yield level_title(level), list(nodes)


def level_title(level: int) -> str:
    """The words over a level."""
    if level < 1:
        return "other stacks, needed here" if level == 0 else "other stacks, needing this"
    return f"level {level}"


def _names(picture: Picture) -> dict[InstanceKey, str]:
    return {node.key: f"n{index}" for index, node in enumerate(picture.nodes)}


def _mermaid(text: str) -> str:
    """Text in quotes: Mermaid reads HTML there, and entities written with a number sign."""
    return "".join(one if one.isalnum() or one in " /_.-" else f"#{ord(one)};" for one in text)


def _dot(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _dot_style(node: Node) -> str:
    fills = {"changed": "#ffd43b", "reached": "#fff3bf", "missing": "#fff5f5", "external": "#f1f3f5"}
    found = fills.get(node.mark or node.state)
    style = ', style="rounded,filled,dashed"' if node.state in ("external", "missing") else ""
    return (f', fillcolor="{found}"' if found else "") + style
