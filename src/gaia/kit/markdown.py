"""Texts of others in Markdown: none of them makes a link, an image, a mention or a cell."""

from __future__ import annotations

import re

from gaia.kit.visible import visible

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~&@]|:(?=//)|(?<=www)\.)", re.IGNORECASE)
"""With what makes a link of a bare address: GitHub looks for `://` and `www.`."""


def escaped(text: str) -> str:
    """The text as it is, in one line."""
    return _SPECIAL.sub(r"\\\1", _one_line(text))


def code(text: str) -> str:
    """A code span that its text cannot end; a bar would end the table's cell even there."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    barred = _one_line(text).replace("|", "\\|")
    return f"{fence}{pad}{barred}{pad}{fence}"


def _one_line(text: str) -> str:
    return " ".join(visible(text).split())
