"""A command line divided into words by the shell's rules, variables replaced, nothing run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(
    r"""'(?P<single>[^']*)' | "(?P<double>(?:[^"\\]|\\.)*)" | \\(?P<escaped>.) | (?P<blank>\s+)
    | (?P<plain>[^\s'"\\|&;<>()`]+)""",
    re.DOTALL | re.VERBOSE,
)
_VARIABLE = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}$`]*))?\})")
_ESCAPED = re.compile(r"\\([\"\\$`\n])", re.DOTALL)
_HARD = re.compile(r"\$[({]|`")


class NotWords(Exception):
    """The text is more than a command with arguments."""


def split(text: str, environ: Mapping[str, str]) -> list[str]:
    """The words of `text`. `$NAME`, `${NAME}` and `${NAME:-DEFAULT}` are replaced, except in single quotes.

    Raises:
        NotWords: quotes that do not match, or something that only a shell could do (`|`, `$(…)`, `>`).
    """
    words: list[str] = []
    word: str | None = None
    index = 0
    while index < len(text):
        match = _TOKEN.match(text, index)
        if match is None:
            raise _refusal(text[index:])
        index = match.end()
        if match["escaped"] == "\n":
            continue  # a line that goes on
        if match["blank"] is not None:
            words += [] if word is None else [word]
            word = None
        elif match["plain"] is not None:
            first, *more = re.split(r"\s+", _replaced(match["plain"], environ))
            word = (word or "") + first if word is not None or first else None
            for piece in more:  # a variable that is not quoted may hold several words, or none
                words += [] if word is None else [word]
                word = piece or None
        else:
            word = (word or "") + _quoted(match, environ)
    return words if word is None else [*words, word]


def _quoted(match: re.Match[str], environ: Mapping[str, str]) -> str:
    if match["single"] is not None:
        return match["single"]
    if match["escaped"] is not None:
        return match["escaped"]
    parts = _ESCAPED.split(match["double"])  # text and escaped letter by turns
    parts[::2] = [_replaced(part, environ) for part in parts[::2]]
    return "".join("" if part == "\n" and number % 2 else part for number, part in enumerate(parts))


def _replaced(text: str, environ: Mapping[str, str]) -> str:
    hard = _HARD.search(_VARIABLE.sub("", text))
    if hard:
        raise NotWords(f"only a shell can do {hard.group()!r}")
    return _VARIABLE.sub(lambda match: environ.get(match[1] or match[2]) or match[3] or "", text)


def _refusal(rest: str) -> NotWords:
    if rest[0] in "'\"":
        return NotWords(f"the quote {rest[:12]!r} does not end")
    return NotWords("a backslash at the end" if rest[0] == "\\" else f"only a shell can do {rest[0]!r}")
