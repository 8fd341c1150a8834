"""Where a line is broken: between words, never in one, for people copy them. A command in backticks is one word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

WORD = re.compile(r"[ \t]*(?:`[^`\n]*`|[^ \t])+")
"""With the blanks before it; one that does not break is a letter like any other."""


def breaks(line: str, width: int, indent: int, measure: Callable[[str], int] = len) -> list[int]:
    """Where a line is divided so that each part fits, or is one word; later parts begin at `indent`."""
    found: list[int] = []
    used = 0
    for match in WORD.finditer(line):
        size = measure(match[0])
        if used + size > width and match.start():
            found.append(match.start())
            used, size = indent, measure(match[0].lstrip(" \t"))
        used += size
    return found


def fitted(text: str, width: int, indent: int, at: int = 0) -> str:
    """Lines that fit, those after the first behind `indent` blanks; as they are where `width` is 0.

    `at`: how many blanks stand before the text already.
    """
    return "\n".join(_fitted(line, width, indent, at) for line in text.split("\n")) if width else text


def _fitted(line: str, width: int, indent: int, at: int) -> str:
    filled = " " * at + line
    ends = [*breaks(filled, width, indent), len(filled)]
    first, *rest = (filled[start:end] for start, end in zip([0, *ends], ends, strict=False))
    return f"\n{' ' * indent}".join([first[at:].rstrip(), *(part.strip(" \t") for part in rest)])
