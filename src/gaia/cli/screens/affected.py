"""What a change affects, and who depends on an instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from gaia.cli.screens.words import count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType


def affected_screen(documents: Sequence[Mapping[str, Any]], base: str) -> list[RenderableType]:
    """A line an instance: its stack, the reasons, and below it what depends on it."""
    if not documents:
        return [Text(f"Nothing differs from {base}.", "good")]
    parts: list[RenderableType] = [
        Text.assemble((count(len(documents), "instance"), "title"), (f" affected since {base}", "quiet"))
    ]
    table = _grid()
    for one in documents:
        sign, style = ("-", "delete") if one.get("deleted") else ("~", "update")
        reasons = ", ".join(one["affected_all"])
        declared = one.get("file") or one.get("folder")
        name = Text.assemble((f"{sign} ", style), (one["component"], style))
        table.add_row(name, Text(one["stack"]), Text(f"{reasons}{f' ({declared})' if declared else ''}", "quiet"))
        _below(table, one["dependents"] or (), 1)
    return [*parts, Text(""), table]


def dependents_screen(documents: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    """A line an instance."""
    if not documents:
        return [Text("Nothing declares a dependency on it.")]
    table = _grid()
    for one in documents:
        table.add_row(Text(one["component"], "name"), Text(one["stack"]), Text(one["component_path"], "quiet"))
    return [table]


def _below(table: Table, documents: Sequence[Mapping[str, Any]], depth: int) -> None:
    for one in documents:
        name = Text.assemble(("  " * depth + "↳ ", "quiet"), one["component"])
        table.add_row(name, Text(one["stack"]), Text("depends on it", "quiet"))
        _below(table, one["dependents"] or (), depth + 1)


def _grid() -> Table:
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table
