"""What `gaia new` would make of a repository, and what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.next_step import told
from gaia.cli.screens.findings import findings_screen
from gaia.cli.screens.tables import signed
from gaia.errors import Next

if TYPE_CHECKING:
    from rich.console import RenderableType

    from gaia.scaffold.drafts import Draft


def draft_screen(draft: Draft) -> list[RenderableType]:
    """The files, what comes to be, what it needs, and what is wrong with it."""
    lines = [Text(one, "good" if one.startswith("+") else "quiet") for one in draft.difference.splitlines()]
    rows = [("+", "good", Text.assemble((path, "name"), "  is new")) for path in draft.files]
    rows += [("!", "warn", Text(one)) for one in draft.unknown]
    for stack in draft.stacks:
        count = sum(one.startswith(f"{stack}/") for one in draft.instances)
        rows.append(("+", "good", Text.assemble(("stack ", ""), (stack, "name"), f"  with {count} instances")))
    if draft.needs:
        rows.append(("→", "quiet", Text(f"needs of other stacks: {', '.join(draft.needs)}")))
    return [*lines, Text(""), signed(rows), *findings_screen(draft.findings)]


def end_screen(draft: Draft, *, written: bool) -> list[RenderableType]:
    """Whether it was written, and what is next."""
    if not draft.sound:
        return [Text.assemble(("✗ ", "bad"), f"Nothing was written: the {draft.kind} {draft.name} is not sound.")]
    if not written:
        return [Text("Nothing was written.", "quiet")]
    step: str = "Commit it when it is right."
    if draft.stacks:
        step = Next("plan", words="Plan it, then commit it", stack=draft.stacks[0])
    return [
        Text.assemble(("✓ ", "good"), f"The {draft.kind} {draft.name} is written, and not committed."),
        Text(f"→ {told(step)}", "quiet"),
    ]
