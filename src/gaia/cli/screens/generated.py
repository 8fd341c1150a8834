"""Which files `gaia terraform generate` wrote or removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

_WOULD = {
    "created": "Would create", "updated": "Would update", "unchanged": "Would leave as it is",
    "deleted": "Would delete", "missing": "Would not find",
}  # fmt: skip
_DONE = {
    "created": "Created", "updated": "Updated", "unchanged": "Unchanged", "deleted": "Deleted", "missing": "Not there",
}  # fmt: skip


def generated_screen(files: Sequence[tuple[str, str]], *, dry_run: bool) -> list[RenderableType]:
    """A line for each path and what happened to it (`gaia.terraform.placing.What`)."""
    if not files:
        return [Text("There is nothing to generate.")]
    said = _WOULD if dry_run else _DONE
    return [Text(f"{said[what]} {path}") for path, what in files]
