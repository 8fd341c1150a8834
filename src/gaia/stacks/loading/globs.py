"""Doublestar globs over relative paths: `*`, `**`, `?`, `[…]`, `{a,b}`."""

from __future__ import annotations

import re
from functools import lru_cache

SPECIAL = frozenset("*?[{")


def is_glob(path: str) -> bool:
    """Whether the path holds a pattern."""
    return any(letter in SPECIAL for letter in path)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of a glob; it has to match a whole path with `/` between its parts."""
    return re.compile(_translate(pattern) + r"\Z", re.DOTALL)


def _translate(pattern: str) -> str:
    out: list[str] = []
    index = 0
    braces = 0
    while index < len(pattern):
        letter = pattern[index]
        index += 1
        if letter == "*":
            piece, index = _stars(pattern, index)
            out.append(piece)
        elif letter == "?":
            out.append("[^/]")
        elif letter == "[":
            piece, index = _bracket(pattern, index)
            out.append(piece)
        elif letter == "{":
            braces += 1
            out.append("(?:")
        elif letter == "}" and braces:
            braces -= 1
            out.append(")")
        elif letter == "," and braces:
            out.append("|")
        else:
            out.append(re.escape(letter))
    return "".join(out) + ")" * braces


def _stars(pattern: str, index: int) -> tuple[str, int]:
    """A star at `index - 1`: `**` as a whole path element crosses folders, any other run of stars stays in one."""
    begin = index - 1
    while index < len(pattern) and pattern[index] == "*":
        index += 1
    whole = index - begin >= 2 and (begin == 0 or pattern[begin - 1] == "/")
    if whole and index < len(pattern) and pattern[index] == "/":
        return "(?:[^/]+/)*", index + 1
    if whole and index == len(pattern):
        return ".*", index
    return "[^/]*", index


def _bracket(pattern: str, index: int) -> tuple[str, int]:
    end = pattern.find("]", index + 1)
    if end < 0:
        return re.escape("["), index
    body = pattern[index:end].replace("\\", "\\\\")
    if body[0] in "!^":
        body = "^/" + body[1:]
    return f"[{body}]", end + 1
