"""The key of a home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.format import count
from gaia.cli.screens.tables import Column, Rows

if TYPE_CHECKING:
    from rich.console import RenderableType

    from gaia.platform.home.rotating import RotatedView


def rotated_screen(made: RotatedView) -> list[RenderableType]:
    """What people elsewhere have to know of it, and what has to be approved again."""
    rows = [
        ("fingerprint, for a restore", made.key),
        ("public key, for exports of the log", made.public_key),
        ("keys before, which stay needed", made.kept),
        ("to be approved again", ", ".join(made.voided) or "nothing"),
    ]
    return [
        Text.assemble(
            ("✓ ", "good"), ("Another key", "title"), f" in place of {count(len(made.older), 'key')} before."
        ),
        Rows((Column(style="quiet"), Column(flows=True)), rows, indent=2),
        Text("Make a backup now. Another machine of these records needs a copy of the folder keys before it goes on."),
    ]
