"""Who holds the locks of states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.tables import signed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

_SIGNS = {"alive": ("✗", "bad"), "dead": ("✓", "good"), "unknown": ("!", "warn")}
_SAID = {"alive": "its holder lives", "dead": "its holder is dead", "unknown": "whether its holder lives is not known"}


def locks_screen(locks: Sequence[Mapping[str, object]], unasked: Sequence[str] = ()) -> list[RenderableType]:
    """A lock a paragraph: whose state, who, since when, doing what, whether that process lives and why that is said."""
    rows = []
    for one in locks:
        sign, style = _SIGNS[str(one["holder"])]
        text = Text.assemble((str(one["instance"]), "name"), f"  {_SAID[str(one['holder'])]}\n")
        ours = ", by Gaia" if one["ours"] else ""
        text.append(f"{one['who'] or 'somebody'}{ours}, since {one['since'] or 'nobody knows when'}, ")
        text.append(f"{one['operation'] or 'operation unknown'}\n")
        text.append(f"{one['why']}\n{one['place']}\nlock {one['id']}", "quiet")
        rows.append((sign, style, text))
    screen: list[RenderableType] = [signed(rows)] if rows else []
    if not locks:
        screen.append(Text("No state is locked.", "quiet"))
    if unasked:
        screen.append(Text(f"Only terraform can ask about these, one at a time: {', '.join(unasked)}", "quiet"))
    return screen
