"""Lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gaia.cli.screens.words import value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from gaia.scaffold.template import Template


def plain_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    """Columns with quiet titles and no lines; the first column carries the names."""
    if not rows:
        return Text("None.", "quiet")
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="quiet")
    for index, title in enumerate(titles):
        table.add_column(title, style="name" if index == 0 else None, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def inventory_screen(found: Mapping[str, object]) -> list[RenderableType]:
    """What the emulated AWS holds, and apart from it what stays."""
    rows = []
    for group, style in (("resources", "name"), ("excepted", "quiet")):
        kinds = found.get(group)
        for kind, names in kinds.items() if isinstance(kinds, Mapping) else ():
            rows.append((Text(kind, style), Text("\n".join(names) or "none", "" if names else "quiet")))
    table = Table.grid(padding=(0, 3, 0, 0))
    for row in rows:
        table.add_row(*row)
    return [table]


def templates_screen(templates: Sequence[Template]) -> list[RenderableType]:
    """Each template with what it asks."""
    if not templates:
        return [Text("This platform repository has no templates.")]
    parts: list[RenderableType] = []
    for template in templates:
        parts.append(Text.assemble((template.name, "name"), (f"  {template.version}", "quiet"), f"  {template.title}"))
        if template.description:
            parts.append(Padding(Text(template.description, "quiet"), (0, 0, 0, 2)))
        table = Table.grid(padding=(0, 3, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for question in template.questions:
            wants = "|".join(question.choices) or question.type
            need = "required" if question.required else f"default {value(question.default, 40)}"
            table.add_row(f"    {question.name}", Text.assemble(question.help, (f"  {wants}, {need}", "quiet")))
        parts += [table, Text("")]
    return parts[:-1]
