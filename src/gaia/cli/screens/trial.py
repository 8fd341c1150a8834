"""How a template that was tried came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.next_step import told
from gaia.cli.screens.findings import findings_screen
from gaia.cli.screens.tables import signed

if TYPE_CHECKING:
    from rich.console import RenderableType

    from gaia.platform.drafts.trial import Trial

_SIGNS = {"passed": ("✓", "good"), "failed": ("✗", "bad"), "not done": ("-", "quiet")}


def trial_screen(trial: Trial) -> list[RenderableType]:
    """What was looked at and what was not, and what is wrong."""
    lines = []
    for part in trial.parts:
        note = f"not possible: {part.note}" if part.state == "not done" else part.note
        words = Text(f"{part.name}: {note}" if note else part.name)
        words.append(f"\n→ {told(part.next_step)}" if part.next_step else "", "quiet")
        lines.append((*_SIGNS[part.state], words))
    screen: list[RenderableType] = [signed(lines), Text(""), *findings_screen(trial.findings)]
    what = f"{trial.wanted.template} {trial.version} in {trial.wanted.stack}"
    if trial.passed:
        return [*screen, Text.assemble(("✓ ", "good"), f"{what} can be requested once it is committed.")]
    return [*screen, Text.assemble(("✗ ", "bad"), f"{what} would not come through a request.")]
