"""Explanations: why something exists, and where a value comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from gaia.cli.screens.words import value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from gaia.platform.model import WhyView


def why_screen(view: WhyView) -> list[RenderableType]:
    """The chain from the thing asked about down to the person who asked for it."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    last = len(view.lines) - 1
    for index, line in enumerate(view.lines):
        text = Text(line.text)
        if line.at:
            text.append(f"\n{line.at}", "quiet")
        bar = "│\n" * (text.plain.count("\n") if index < last else 0)
        table.add_row(
            Text(f"  {line.what}", "name"), Text("●" + ("\n" + bar.rstrip("\n") if bar else ""), "quiet"), text
        )
    return [Text.assemble(("Why ", "title"), (view.subject, "title")), table]


def origins_screen(origins: Sequence[Mapping[str, object]]) -> list[RenderableType]:
    """`path`, `value`, `at` and what each one `overrode`, as `gaia explain` finds them."""
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(no_wrap=True, style="quiet")
    for origin in origins:
        table.add_row(Text(str(origin["path"]), "name"), value(origin["value"], 200), str(origin["at"]))
        losers = origin["overridden"]
        for loser in losers if isinstance(losers, list) else []:
            table.add_row(Text("  instead of", "quiet"), Text(value(loser["value"], 200), "quiet"), str(loser["at"]))
    return [table]
