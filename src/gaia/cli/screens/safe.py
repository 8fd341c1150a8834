"""The console that every screen is drawn on: texts are shown, never obeyed, and their words stay whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console, Group
from rich.segment import Segment
from rich.text import Text

from gaia.cli.wrapping import breaks
from gaia.kit.visible import LONGEST, more, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import ConsoleOptions, RenderableType

_FILLING = re.compile(r"(?:\x1b\[[0-9;]*m| )+(?=\n)")
"""Blanks, and the styles around them, that are left before the end of a line."""


class SafeConsole(Console):
    """Escapes what a text holds where it becomes a part of the picture; styles and the cursor are rich's own.

    Lines are broken between words. A word that is wider than the terminal stays whole, so that it can be copied, unless
    the options say `fold`, as a live picture must: what is wider than the terminal is lost there.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments, without anything that a terminal would obey, and no more of a text than people read."""
        options = options or self.options
        if isinstance(renderable, Text) and len(renderable) > LONGEST:
            renderable = renderable[:LONGEST].append(more(len(renderable) - LONGEST))
        if isinstance(renderable, Text) and not (renderable.no_wrap or options.no_wrap):
            lines = wrapped(self, renderable, options.max_width, fold=options.overflow == "fold")
            renderable = Text("\n", no_wrap=True, overflow="ignore", end=renderable.end).join(lines)
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else visible(text), style, control)

    def drawn(self, parts: Iterable[RenderableType]) -> str:
        """What the parts look like, without blanks at the ends of lines."""
        with self.capture() as captured:
            for part in parts:
                self.print(Group(part) if isinstance(part, Text) else part, crop=False)  # alone it would lose no_wrap
        return _FILLING.sub(lambda found: "\x1b[0m" if "\x1b" in found[0] else "", captured.get())


def wrapped(console: Console, text: Text, width: int, *, fold: bool) -> list[Text]:
    """The lines of a text, broken between words; those that follow begin where the first began.

    `fold`: a word that is wider than that is broken too.
    """
    if fold:
        return list(text.wrap(console, max(width, 1), overflow="fold"))
    lines: list[Text] = []
    for line in text.split(allow_blank=True):
        line.expand_tabs(8)
        indent = len(line.plain) - len(line.plain.lstrip(" "))
        first, *rest = line.divide(breaks(line.plain, width, indent, cell_len))
        for number, piece in enumerate([first, *rest]):
            piece.rstrip()
            if number:
                piece = Text(" " * indent).append_text(piece[len(piece.plain) - len(piece.plain.lstrip(" ")) :])  # noqa: PLW2901
            lines.append(piece)
    return lines
