"""Explanations: why something exists, and where a value comes from."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from gaia.cli.screens.words import value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from gaia.platform.model import WhyLine, WhyView

_HEAD = 2
"""The title and the empty line below it."""


def why_screen(view: WhyView) -> list[RenderableType]:
    """The chain from the thing asked about down to the person who asked for it; what is said twice is shown once."""
    parts: list[RenderableType] = [Text(f"Why {view.subject}", "title"), Text("")]
    widest = max((len(line.what) for line in view.lines), default=0)
    for kind, group in groupby(dict.fromkeys(view.lines), key=lambda line: line.what):
        if len(parts) > _HEAD:
            parts.append(Text("  │", "quiet"))
        parts.append(_group(kind, list(group), widest))
    return parts


def _group(kind: str, lines: Sequence[WhyLine], widest: int) -> Table:
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column(no_wrap=True, style="name", width=widest + 2)
    places = any(line.at for line in lines)
    table.add_column(overflow="fold")
    if places:
        table.add_column(no_wrap=True, style="quiet")  # a place is clicked on or copied
    for index, line in enumerate(lines):
        label = "" if index else f"  {kind}"
        table.add_row(label, Text(line.text), *((line.at or "",) if places else ()))
    return table


def origins_screen(origins: Sequence[Mapping[str, object]]) -> list[RenderableType]:
    """The layers of each value, from the first that set it to the one that holds; places at the right."""
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(no_wrap=True, style="quiet")
    for origin in origins:
        overridden = origin["overridden"]
        losers = list(reversed(overridden)) if isinstance(overridden, list) else []
        path = Text(str(origin["path"]), "name")
        for loser in losers:
            table.add_row(path, Text(f"╷ {value(loser['value'], 200)}", "quiet"), str(loser["at"]))
            path = Text("")
        holds = value(origin["value"], 200)
        winner = Text.assemble(("╰ ", "quiet"), (holds, "good")) if losers else Text(f"  {holds}")
        table.add_row(path, winner, str(origin["at"]))
    return [table]
