"""Screens as text."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.theme import Theme

from gaia.cli.screens.palette import STYLES
from gaia.cli.screens.safe import SafeConsole
from gaia.platform.model import Change
from gaia.testing import views

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from gaia.platform.model import RequestView

BUCKET = "acme-use1-dev/photos-bucket"


def text(parts: Sequence[RenderableType], width: int = 100, *, color: bool = False) -> str:
    """The screen as a terminal of that width shows it."""
    console = SafeConsole(
        file=io.StringIO(), width=width, theme=Theme(dict(STYLES)), highlight=False, emoji=False, markup=False,
        force_terminal=color, color_system="truecolor" if color else None,
    )  # fmt: skip
    return console.drawn(parts).removesuffix("\n")


def change(
    action: str, before: Mapping[str, object] | None = None, after: Mapping[str, object] | None = None
) -> Change:
    """A change of a bucket."""
    return Change(BUCKET, "aws_s3_bucket.this", "aws_s3_bucket", action, before or {}, after or {})


def with_changes(*changes: Change) -> RequestView:
    """The example request with these changes."""
    return replace(views.waiting(), preview=replace(views.preview(), changes=changes))
