"""Turns recorded terminal output into the README's picture: `python docs/picture.py RECORDING > docs/images/demo.svg`.

A recording is what a command printed with FORCE_COLOR=1 and COLUMNS=104. A line `…` stands for what was cut out.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

WIDTH = 104
_FONT = re.compile(r"@font-face \{[^}]*\}\s*")


def picture(recording: str, title: str) -> str:
    """The SVG of a recording; needs no network when shown in a browser that has a monospace font."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for line in recording.splitlines():
        console.print(Text.from_ansi(line), soft_wrap=False, overflow="crop", no_wrap=True)
    svg = console.export_svg(title=title, theme=MONOKAI)
    return _FONT.sub("", svg)  # a README must not fetch fonts: any monospace one will do


if __name__ == "__main__":
    sys.stdout.write(picture(Path(sys.argv[1]).read_text("utf-8"), "gaia"))
