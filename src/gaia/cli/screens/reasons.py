"""Explanations: why something exists, and where a value comes from."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.format import value
from gaia.cli.screens.tables import Column, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from gaia.platform.model import WhyLine, WhyView


def why_screen(view: WhyView) -> list[RenderableType]:
    """The chain from the thing asked about down to the person who asked for it; what is said twice, and is not of
    two instances, is shown once."""
    rows: list[Text | tuple[str, str, str]] = []
    for kind, group in groupby(_once(view.lines), key=lambda line: line.what):
        rows += [Text("  │", "quiet")] if rows else []
        for index, line in enumerate(group):
            rows.append(("" if index else kind, line.text, line.at or ""))
    table = Rows((Column(style="name"), Column(flows=True), Column(style="quiet")), rows, indent=2, apart=2)
    return [Text(f"Why {view.subject}", "title"), Text(""), table]


def _once(lines: Sequence[WhyLine]) -> Iterator[WhyLine]:
    instance: WhyLine | None = None
    said: set[WhyLine] = set()
    for line in lines:
        if line.what == "instance" and line != instance:
            instance, said = line, set()
        if line not in said:
            said.add(line)
            yield line


def origins_screen(origins: Sequence[Mapping[str, object]]) -> list[RenderableType]:
    """The layers of each value, from the first that set it to the one that holds, each with its place.

    Layers that follow each other and say the same are one, with all their places.
    """
    columns = (Column(style="name"), Column(gap=1), Column(flows=True), Column(style="quiet"))
    return [Rows(columns, [row for origin in origins for row in _layers(origin)], apart=1)]


def _layers(origin: Mapping[str, object]) -> Iterator[tuple[str, Text, Text, str]]:
    overridden = origin["overridden"]
    losers = list(reversed(overridden)) if isinstance(overridden, list) else []
    told = [(value(layer["value"], 200), str(layer["at"])) for layer in (*losers, origin)]
    layers = [(text, [at for _, at in group]) for text, group in groupby(told, key=lambda layer: layer[0])]
    path = str(origin["path"])
    for number, (text, places) in enumerate(layers, 1):
        holds = number == len(layers)
        sign = "" if len(layers) == 1 else "╰" if holds else "╷"
        style = "" if len(layers) == 1 else "good" if holds else "quiet"
        yield path, Text(sign, "quiet"), Text(text, style), "\n".join(dict.fromkeys(places))
        path = ""
