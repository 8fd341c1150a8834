"""One instance without a request: how its change ended, what its code lacks, what it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.format import count, value
from gaia.cli.screens.tables import Column, Rows, signed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from gaia.platform.views.direct_model import InstanceChangeView

_DONE = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "import": "imported",
    "accept": "taken into the state",
}


def change_screen(made: InstanceChangeView) -> list[RenderableType]:
    """What was done, and the outputs."""
    done = ", ".join(f"{number} {_DONE.get(action, action)}" for action, number in made.changed.items())
    line = Text.assemble((made.instance, "name"), f"  {done or 'nothing to change'}")
    at = f" at {made.commit[:12]}" if made.commit else ""  # a repository may have no commit yet
    line.append(f"   {count(made.resources, 'resource')}{at}", "quiet")
    return [signed([("✓", "good", line)], gap=1), *(outputs_screen(made.outputs) if made.outputs else ())]


def outputs_screen(outputs: Mapping[str, object], *, indent: int = 0) -> list[RenderableType]:
    """Names and values."""
    if not outputs:
        return [Text("It has no outputs.", "quiet")]
    return [
        Rows(
            (Column(style="name"), Column(flows=True)),
            [(name, value(content, 400)) for name, content in outputs.items()],
            indent=indent,
        )
    ]
