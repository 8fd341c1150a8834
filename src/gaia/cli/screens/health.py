"""What the doctor found."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.format import count
from gaia.cli.screens.tables import Column, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from gaia.cli.checks import Diagnosis

_SIGNS = {"ok": ("✓", "good"), "warn": ("!", "warn"), "fail": ("✗", "bad")}


def health_screen(found: Sequence[Diagnosis]) -> list[RenderableType]:
    """Each check with its state, and below it how to get what is missing."""
    rows = []
    for each in found:
        sign, style = _SIGNS[each.state]
        text = Text(each.message)
        if each.remedy:
            text.append(f"\n→ {each.remedy}", "quiet")
        rows.append((Text(sign, style), Text(each.name, "name"), text))
    tally = Counter(each.state for each in found)
    if tally["fail"]:
        end = Text.assemble((f"{count(tally['fail'], 'thing')} missing", "bad"), f", {count(tally['warn'], 'warning')}")
    elif tally["warn"]:
        end = Text(f"Ready, with {count(tally['warn'], 'warning')}.", "warn")
    else:
        end = Text("Everything is there.", "good")
    return [Rows((Column(gap=2), Column(gap=2), Column(flows=True)), rows), Text(""), end]
