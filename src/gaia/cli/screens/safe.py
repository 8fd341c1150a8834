"""The console that every screen is drawn on: texts are shown, never obeyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.segment import Segment

from gaia.kit.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import ConsoleOptions, RenderableType


class SafeConsole(Console):
    """Escapes what a text holds where it becomes a part of the picture; styles and the cursor are rich's own."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments, without anything that a terminal would obey."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else visible(text), style, control)
