"""What `gaia ci init` wrote, or would write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.ci.shipped_files import INCLUDE
from gaia.cli.screens.tables import signed
from gaia.kit.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from gaia.ci.shipped_files import Step

_STYLES = {"+": "good", "-": "bad", "@": "quiet"}
_SAID = {
    "new": ("+", "good", "is new"),
    "older": ("~", "warn", "is brought up to date"),
    "same": ("✓", "quiet", "is there"),
    "edited": ("✗", "bad", "was changed by somebody, and is left alone"),
    "theirs": ("!", "warn", "is yours, and is left alone"),
}


def files_screen(steps: Sequence[Step], branch: str, *, dry_run: bool) -> list[RenderableType]:
    """A line each; of a dry run the differences before it, and what people have to do themselves after it.

    `branch` is the one that the files were filled in for.
    """
    screen: list[RenderableType] = []
    for one in steps if dry_run else ():
        screen += [
            Text(line, "" if line.startswith(("+++", "---")) else _STYLES.get(line[:1], ""))
            for line in one.difference.splitlines()
        ]
    rows = []
    for one in steps:
        sign, style, said = _SAID[one.state]
        rows.append((sign, style, Text.assemble((one.path, "name"), f"  {said}")))
    screen.append(signed(rows))
    if any(one.state == "theirs" for one in steps):
        screen += [Text("Add to your .gitlab-ci.yml:", "warn"), Text(INCLUDE.rstrip())]
        screen.append(Text("If it lists stages, test and deploy have to be among them.", "warn"))
    if dry_run:
        screen.append(Text("Nothing was written.", "quiet"))
    elif any(one.state in ("new", "older") for one in steps):
        screen.append(
            Text(f"Commit them to {visible(branch)}: what is merged into that is applied from then on.", "quiet")
        )
    return screen
