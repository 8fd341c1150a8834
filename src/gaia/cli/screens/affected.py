"""What a change affects, and who depends on an instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from gaia.cli.screens.format import count
from gaia.cli.screens.tables import Column, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import RenderableType


def affected_screen(documents: Sequence[Mapping[str, Any]], base: str) -> list[RenderableType]:
    """A line an instance: its stack, the reasons, and below it what depends on it."""
    if not documents:
        return [Text(f"Nothing differs from {base}.", "good")]
    parts: list[RenderableType] = [
        Text.assemble((count(len(documents), "instance"), "title"), (f" affected since {base}", "quiet"))
    ]
    rows: list[tuple[Text, Text, Text]] = []
    for one in documents:
        sign, style = ("-", "delete") if one.get("deleted") else ("~", "update")
        reasons = ", ".join(one["affected_all"])
        declared = one.get("file") or one.get("folder")
        name = Text.assemble((f"{sign} ", style), (one["component"], style))
        rows.append((name, Text(one["stack"]), Text(f"{reasons}{f' ({declared})' if declared else ''}", "quiet")))
        rows += _below(one["dependents"] or (), 1)
    return [*parts, Text(""), _table(rows)]


def dependents_screen(documents: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    """A line an instance."""
    if not documents:
        return [Text("Nothing declares a dependency on it.")]
    rows = [
        (Text(one["component"], "name"), Text(one["stack"]), Text(one["component_path"], "quiet")) for one in documents
    ]
    return [_table(rows)]


def _below(documents: Sequence[Mapping[str, Any]], depth: int) -> Iterator[tuple[Text, Text, Text]]:
    for one in documents:
        name = Text.assemble(("  " * depth + "↳ ", "quiet"), one["component"])
        yield name, Text(one["stack"]), Text("depends on it", "quiet")
        yield from _below(one["dependents"] or (), depth + 1)


def _table(rows: Sequence[tuple[Text, Text, Text]]) -> RenderableType:
    return Rows((Column(), Column(), Column(flows=True)), rows, apart=1)
