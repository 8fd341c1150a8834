"""The console that every screen is drawn on: texts are shown, never obeyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.segment import Segment
from rich.text import Text

from gaia.kit.visible import LONGEST, more, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import ConsoleOptions, RenderableType


class SafeConsole(Console):
    """Escapes what a text holds where it becomes a part of the picture; styles and the cursor are rich's own."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments, without anything that a terminal would obey, and no more of a text than people read."""
        if isinstance(renderable, Text) and len(renderable) > LONGEST:
            renderable = renderable[:LONGEST].append(more(len(renderable) - LONGEST))
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else visible(text), style, control)
