"""The drawing: one column a level, arrows that can be followed, light and dark, readable without seeing it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from gaia.errors import Invalid
from gaia.graph.graphviz import Arrow, Box, lay_out
from gaia.graph.needs import REFERENCE
from gaia.graph.text import labels, level_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gaia.graph.graphviz import Layout, Point
    from gaia.graph.picture import Line, Node, Picture
    from gaia.stacks.model import InstanceKey

MOST_NODES = 1_500
"""More cannot be read, and laying them out takes minutes."""
_MARGIN, _HEAD, _COLUMN_HEAD, _FOOT = 28.0, 62.0, 30.0, 40.0
_PAD, _ONE, _TWO = 11.0, 30.0, 42.0
_NARROW, _WIDE = "iljtfrI.,:;'|!()[]/-", "mwMW@%"
_LONGEST = 38
"""Characters of a label; the whole name is in the tooltip."""
_STYLE = """
  svg { --bg:#ffffff; --ink:#1c2530; --quiet:#667384; --band:#f4f6f9; --card:#ffffff; --edge:#8592a3; --rim:#c3ccd7;
        --accent:#2f6fd0; --changed:#ffd666; --changed-rim:#ad6800; --reached:#fff4d1; --bad:#c62a2a;
        --marked-ink:#2b1d00; font-family: system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
  @media (prefers-color-scheme: dark) {
    svg { --bg:#12171e; --ink:#e4eaf1; --quiet:#93a1b2; --band:#1a212b; --card:#232c38; --edge:#7c8a9b; --rim:#42505f;
          --accent:#7db2ff; --changed:#d99a1c; --changed-rim:#ffd98a; --reached:#4b3a12; --bad:#ff8a80;
          --marked-ink:#fff7e6; }
    .changed .name, .changed .more { fill:#1a1200; } }
  .bg { fill:var(--bg); } .band { fill:var(--band); }
  .title { fill:var(--ink); font-size:17px; font-weight:600; }
  .note, .level, .key { fill:var(--quiet); font-size:11.5px; }
  .level { font-weight:600; letter-spacing:.02em; }
  .box { fill:var(--card); stroke:var(--rim); stroke-width:1.2; } .bar { fill:var(--accent); }
  .name { fill:var(--ink); font-size:13px; font-weight:600; } .more { fill:var(--quiet); font-size:11px; }
  .line { fill:none; stroke:var(--edge); stroke-width:1.4; } .tip { fill:var(--edge); stroke:none; }
  .declared .line { stroke-dasharray:5 4; } .implied { opacity:.38; } .implied .line { stroke-width:1; }
  .external .box { stroke-dasharray:4 3; fill:none; } .external .bar, .disabled .bar { fill:var(--quiet); opacity:.6; }
  .missing .box { stroke:var(--bad); stroke-dasharray:4 3; } .missing .name, .missing .more { fill:var(--bad); }
  .missing .bar { fill:var(--bad); } .disabled { opacity:.55; }
  .changed .box { fill:var(--changed); stroke:var(--changed-rim); stroke-dasharray:none; }
  .changed .bar, .reached .bar { fill:var(--changed-rim); }
  .reached .box { fill:var(--reached); stroke:var(--changed-rim); } .reached .name { fill:var(--marked-ink); }
  .arrow:hover { opacity:1; } .arrow:hover .line { stroke:var(--accent); stroke-width:2.2; }
  .arrow:hover .tip { fill:var(--accent); }
"""


def as_svg(picture: Picture) -> str:
    """The picture as a file of its own, the same bytes for the same picture.

    Raises:
        Invalid: `graph-too-large`.
    """
    if len(picture.nodes) > MOST_NODES:
        raise Invalid(
            "graph-too-large",
            f"{len(picture.nodes):,} boxes are more than anybody can read; {MOST_NODES:,} are the limit",
            next_step="Choose one stack with `-s`, or take `--format json`.",
        )
    names = {node.key: f"n{index}" for index, node in enumerate(picture.nodes)}
    top = len(picture.levels) + 1
    boxes = [_box(node, names[node.key], picture, top) for node in picture.nodes]
    arrows = [Arrow(*(names[key] for key in _ends(line, picture))) for line in picture.lines]
    headings = {box.column: level_title(node.level) for node, box in zip(picture.nodes, boxes, strict=True)}
    least = {column: _width(text, 11.5, bold=True) - 12 for column, text in headings.items()}
    placed = lay_out(boxes, arrows, least) if boxes else None
    inner = placed.width if placed else 0.0
    width = max(inner, 10 + _width(picture.summary, 11.5)) + 2 * _MARGIN
    height = (placed.height if placed else 0.0) + _HEAD + _COLUMN_HEAD + _FOOT + _MARGIN
    shift = _MARGIN + (width - 2 * _MARGIN - inner) / 2
    parts = list(_frame(picture, width, height))
    if placed:
        parts.append(f'<g transform="translate({_n(shift)} {_n(_HEAD + _COLUMN_HEAD)})">')
        parts += _bands(boxes, headings, placed)
        for line, points in zip(picture.lines, placed.routes, strict=True):
            parts.append(_arrow(line, points))
        for node, box in zip(picture.nodes, boxes, strict=True):
            parts.append(_card(node, box, placed.centers[box.name], picture))
        parts.append("</g>")
    parts += [*_legend(picture, height), "</svg>"]
    return "\n".join(parts) + "\n"


def _ends(line: Line, picture: Picture) -> tuple[InstanceKey, InstanceKey]:
    return (line.target, line.source) if picture.reverse else (line.source, line.target)


def _box(node: Node, name: str, picture: Picture, top: int) -> Box:
    lines = labels(node, picture)
    widest = max(_width(_short(text), 13 if index == 0 else 11, bold=index == 0) for index, text in enumerate(lines))
    level = top if node.level < 0 else node.level
    return Box(
        name, round(widest + 2 * _PAD + 6), _ONE if len(lines) == 1 else _TWO, level if picture.reverse else top - level
    )


def _frame(picture: Picture, width: float, height: float) -> Iterator[str]:
    title = f"{picture.title}: who needs whom" + (f", since {picture.marked}" if picture.marked else "")
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(width)}" height="{_n(height)}" '
        f'viewBox="0 0 {_n(width)} {_n(height)}" role="img" aria-labelledby="title desc">'
    )
    yield f'<title id="title">{escape(title)}</title>'
    yield f'<desc id="desc">{escape(picture.summary)}</desc>'
    yield f"<style>{_STYLE}</style>"
    yield '<rect class="bg" width="100%" height="100%"/>'
    yield f'<text class="title" x="{_n(_MARGIN)}" y="34">{escape(picture.title)}</text>'
    yield f'<text class="note" x="{_n(_MARGIN)}" y="53">{escape(picture.summary)}</text>'


def _bands(boxes: Sequence[Box], headings: Mapping[int, str], placed: Layout) -> Iterator[str]:
    """A stripe and a heading for each level."""
    for column, x in placed.columns.items():
        widest = max(box.width for box in boxes if box.column == column)
        width = max(widest + 22, _width(headings[column], 11.5, bold=True) + 12)
        yield (
            f'<rect class="band" x="{_n(x - width / 2)}" y="{_n(-_COLUMN_HEAD + 6)}" width="{_n(width)}" '
            f'height="{_n(placed.height + _COLUMN_HEAD)}" rx="9"/>'
        )
        heading = escape(headings[column])
        yield f'<text class="level" x="{_n(x)}" y="-8" text-anchor="middle">{heading}</text>'


def _card(node: Node, box: Box, center: Point, picture: Picture) -> str:
    x, y = center[0] - box.width / 2, center[1] - box.height / 2
    lines = labels(node, picture)
    about = ", ".join(
        one for one in (str(node.key), level_title(node.level) if node.level > 0 else "", node.state, node.mark) if one
    )
    middle = y + box.height / 2
    heights = (middle + 4.5,) if len(lines) == 1 else (middle - 3, middle + 12)
    texts = "".join(
        f'<text class="{"name" if index == 0 else "more"}" x="{_n(x + _PAD + 4)}" y="{_n(heights[index])}">'
        f"{escape(_short(text))}</text>"
        for index, text in enumerate(lines)
    )
    classes = " ".join(one for one in ("node", node.state, node.mark) if one)
    return (
        f"<g class={quoteattr(classes)}><title>{escape(about)}</title>"
        f'<rect class="box" x="{_n(x)}" y="{_n(y)}" width="{_n(box.width)}" height="{_n(box.height)}" rx="6"/>'
        f'<rect class="bar" x="{_n(x + 4)}" y="{_n(y + 6)}" width="3" height="{_n(box.height - 12)}" rx="1.5"/>'
        f"{texts}</g>"
    )


def _arrow(line: Line, points: Sequence[Point]) -> str:
    *curve, tip = points
    start, *rest = curve
    path = f"M{_n(start[0])},{_n(start[1])}C" + " ".join(f"{_n(x)},{_n(y)}" for x, y in rest)
    back = curve[-1]
    dx, dy = tip[0] - back[0], tip[1] - back[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    across = (-dy / length * 3.6, dx / length * 3.6)
    corners = (tip, (back[0] + across[0], back[1] + across[1]), (back[0] - across[0], back[1] - across[1]))
    classes = ["arrow"] + (["declared"] if REFERENCE not in line.kinds else []) + (["implied"] if line.implied else [])
    at = f" at {', '.join(line.places)}" if line.places else ""
    about = f"{line.source} needs {line.target}: {', '.join(line.kinds)}{at}"
    return (
        f'<g class="{" ".join(classes)}"><title>{escape(about)}</title><path class="line" d="{path}"/>'
        f'<polygon class="tip" points="{" ".join(f"{_n(x)},{_n(y)}" for x, y in corners)}"/></g>'
    )


def _legend(picture: Picture, height: float) -> Iterator[str]:
    """Only what occurs."""
    x, y = _MARGIN, height - 24
    entries: list[tuple[str, str]] = []
    if any(REFERENCE in line.kinds for line in picture.lines):
        entries.append(("arrow", "reads a value"))
    if any(REFERENCE not in line.kinds for line in picture.lines):
        entries.append(("arrow declared", "declared"))
    if any(line.implied for line in picture.lines):
        entries.append(("arrow implied", "needed through others too"))
    words = {
        "changed": f"changed since {picture.marked}",
        "reached": "reached by a change",
        "external": "another stack's",
        "missing": "does not exist",
        "disabled": "disabled",
    }
    used = {one for node in picture.nodes for one in (node.state, node.mark)}
    entries += [(f"node {name}", text) for name, text in words.items() if name in used]
    for classes, text in entries:
        if classes.startswith("arrow"):
            shape = (
                f'<path class="line" d="M{_n(x)},{_n(y - 4)}h22"/>'
                f'<path class="tip" d="M{_n(x + 28)},{_n(y - 4)}l-8,-4v8z"/>'
            )
        else:
            shape = f'<rect class="box" x="{_n(x)}" y="{_n(y - 11)}" width="26" height="14" rx="4"/>'
        yield f'<g class="{classes}">{shape}</g><text class="key" x="{_n(x + 34)}" y="{_n(y)}">{escape(text)}</text>'
        x += 34 + _width(text, 11.5) + 22


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _width(text: str, size: float, *, bold: bool = False) -> float:
    """As wide as a wide sans-serif face sets it; no font is measured, so that every machine draws the same."""
    units = sum(
        0.34
        if one in _NARROW
        else 0.88
        if one in _WIDE
        else 0.70
        if one.isupper()
        else 1.0
        if ord(one) > 0x2E7F
        else 0.58
        for one in text
    )
    return units * size * (1.18 if bold else 1.06)


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
