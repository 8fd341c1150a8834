"""One instance without a request: how its change ended, what its code lacks, what it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from gaia.cli.screens.words import count, value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from gaia.platform.model import ChangeView

_DONE = {"create": "created", "update": "updated", "delete": "deleted", "import": "imported"}


def change_screen(made: ChangeView) -> list[RenderableType]:
    """What was done, and the outputs."""
    done = ", ".join(f"{number} {_DONE.get(action, action)}" for action, number in made.changed.items())
    line = Text.assemble(("✓ ", "good"), (made.instance, "name"), f"  {done or 'nothing to change'}")
    line.append(f"   {count(made.resources, 'resource')} at {made.commit[:12]}", "quiet")
    return [line, *(outputs_screen(made.outputs) if made.outputs else ())]


def outputs_screen(outputs: Mapping[str, object]) -> list[RenderableType]:
    """Names and values."""
    if not outputs:
        return [Text("It has no outputs.", "quiet")]
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column(no_wrap=True, style="name")
    table.add_column(overflow="fold")
    for name, content in outputs.items():
        table.add_row(name, Text(value(content, 400)))
    return [table]


def diagnostics_screen(instance: str, found: Sequence[Mapping[str, object]]) -> list[RenderableType]:
    """What terraform says of the code."""
    if not found:
        return [Text.assemble(("✓ ", "good"), (instance, "name"), " has valid Terraform code.")]
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in found:
        sign = ("✗", "bad") if one["severity"] == "error" else ("!", "warn")
        text = Text(str(one["summary"]))
        text.append(f"\nat {one['at']}" if one["at"] else "", "name")
        text.append(f"\n{one['detail']}" if one["detail"] else "", "quiet")
        table.add_row(Text(*sign), text)
    return [table]
