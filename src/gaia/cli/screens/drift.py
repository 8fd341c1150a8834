"""Which instances are not as their stacks say."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.text import Text

from gaia.cli.screens.tables import signed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

_SIGNS = {"as it should be": ("✓", "good"), "drifted": ("~", "warn"), "differs": ("~", "warn"), "failed": ("✗", "bad")}


def drift_screen(lines: Sequence[Mapping[str, object]]) -> list[RenderableType]:
    """One line an instance, and below it what differs."""
    if not lines:
        return [Text("There is no instance to look at.", "quiet")]
    rows = []
    for line in lines:
        sign, style = _SIGNS[str(line["status"])]
        text = Text.assemble((str(line["instance"]), "name"), f"  {line['status']}")
        text.append(f"\n{line['reason']}" if line["reason"] else "", "quiet")
        for name, what in (("drifted", "changed behind Terraform's back"), ("changes", "would be changed")):
            for address in cast("Sequence[str]", line[name]):
                text.append(f"\n{address}   {what}" if name == "drifted" else f"\n{address}", "quiet")
        rows.append((sign, style, text))
    return [signed(rows)]
