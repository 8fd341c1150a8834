"""What `gaia clean` removed, by kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.format import count, day
from gaia.cli.screens.tables import plain_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from gaia.platform.model import Leftover

_KINDS = {
    "preview": "previews",
    "plans": "plans of runs that ended",
    "commits": "branches of requests that ended",
    "drift": "what looks at instances found",
    "log": "logs",
    "journal": "journals",
    "tree": "exported trees",
    "directory": "working directories",
    "checkout": "what was kept of checkouts",
}


def clean_screen(found: Sequence[Leftover], *, dry_run: bool) -> list[RenderableType]:
    """A line for each kind, and one for all of it."""
    if not found:
        return [Text("Nothing to remove: all that there is is needed, or young.")]
    rows = []
    for kind, words in _KINDS.items():
        some = [one for one in found if one.kind == kind]
        if some:
            rows.append((words, str(len(some)), size(sum(one.size for one in some)), day(min(one.at for one in some))))
    verb = "Would remove" if dry_run else "Removed"
    total = f"{verb} {count(len(found), 'thing')}, {size(sum(one.size for one in found))}."
    return [plain_table(("what", "how many", "size", "oldest"), rows), Text(total)]


def size(number: float) -> str:
    """Bytes as people read them."""
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" or number >= 10 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"
