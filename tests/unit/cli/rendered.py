"""Screens as text, in 100 columns, without colors."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console
from rich.theme import Theme

from gaia.cli.screens.palette import STYLES
from gaia.platform.model import Change
from gaia.testing import views

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from gaia.platform.model import RequestView

BUCKET = "acme-use1-dev/photos-bucket"


def text(parts: Sequence[RenderableType]) -> str:
    """The screen without the blanks at the ends of lines."""
    console = Console(file=io.StringIO(), width=100, theme=Theme(dict(STYLES)), highlight=False)
    for part in parts:
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def change(
    action: str, before: Mapping[str, object] | None = None, after: Mapping[str, object] | None = None
) -> Change:
    """A change of a bucket."""
    return Change(BUCKET, "aws_s3_bucket.this", "aws_s3_bucket", action, before or {}, after or {})  # type: ignore[arg-type]


def with_changes(*changes: Change) -> RequestView:
    """The example request with these changes."""
    return replace(views.waiting(), preview=replace(views.preview(), changes=changes))
