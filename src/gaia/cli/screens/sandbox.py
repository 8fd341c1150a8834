"""The emulated AWS: whether it runs, whether it is what it was, and what it can go back to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.clean import size
from gaia.cli.screens.format import count, day
from gaia.cli.screens.tables import plain_table
from gaia.kit.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from gaia.sandbox.control import SandboxView
    from gaia.sandbox.snapshots import Snapshot


def sandbox_screen(view: SandboxView) -> list[RenderableType]:
    """A line about it, and one for each reason not to take it for what it was."""
    if not view.running:
        return [Text.assemble(("○ ", "quiet"), view.message or "The emulated AWS does not run.")]
    said = view.message or "The emulated AWS runs"
    where = (view.url or "", "name"), (f"  process {view.pid}", "quiet")
    lines: list[RenderableType] = [Text.assemble(("✓ ", "good"), said, " at ", *where)]
    if view.kept is not None and view.kept.replayed:
        told = f"  It was told again what it had been told: {count(view.kept.replayed, 'request')}."
        lines.append(Text(told, "quiet"))
    return [*lines, *(Text.assemble(("! ", "warn"), doubt) for doubt in view.doubts)]


def snapshots_screen(found: Sequence[Snapshot]) -> list[RenderableType]:
    """A line for each."""
    if not found:
        return [Text("There are no snapshots.")]
    rows = [(one.name, day(rfc3339(one.at)), str(one.requests), size(one.size)) for one in found]
    return [plain_table(("snapshot", "made", "requests", "size"), rows)]
