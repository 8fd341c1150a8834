"""What can be told of a Rego file without an engine: which functions it calls, which rules it has, and where.

The process that evaluates reads this too, so it imports little.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_TOKEN = re.compile(rf'"(?:\\.|[^"\\\n])*"|`[^`]*`|#[^\n]*|(?<![\w.])(?P<name>{_NAME})(?P<call>\()?')
_WORD = re.compile(r"\w+")
_IMPORT = re.compile(rf"^import\s+({_NAME})(?:\s+as\s+(\w+))?", re.MULTILINE)
_HEAD = re.compile(r"^(?:default[ \t]+)?([A-Za-z_]\w*)", re.MULTILINE)
_FUNCTION = re.compile(
    r"^[ \t]*(?:default[ \t]+)?([A-Za-z_]\w*)\([^\n]*\)[ \t]*(?::?=|if\b|\{|contains\b)", re.MULTILINE
)
_WORDS = frozenset(
    ("if", "in", "not", "some", "every", "contains", "else", "with", "as", "import", "package", "default")
)
_PACKAGE = re.compile(r"^package[ \t]+([\w.]+)[ \t]*(?:#.*)?$", re.MULTILINE)
_PARTIAL = re.compile(
    r"^(?P<name>[A-Za-z_]\w*)(?:[ \t]+contains\b|[ \t]*\[(?!\s*\]))"  # `deny contains x`, and `deny[x]` of version 0
)


def package_named(text: str) -> str | None:
    """The package of a file; None where it names none."""
    found = _PACKAGE.search(text)
    return found[1] if found else None


def names(text: str) -> Iterator[tuple[str, int, bool]]:
    """Each name outside of texts and comments, where it begins, and whether it is called."""
    for found in _TOKEN.finditer(text):
        if found["name"]:
            yield found["name"], found.start(), bool(found["call"])


def words(text: str) -> frozenset[str]:
    """Every word of the code: in names and texts, not in comments."""
    return frozenset(word for found in _TOKEN.finditer(text) if found[0][0] != "#" for word in _WORD.findall(found[0]))


def called(text: str) -> dict[str, int]:
    """The functions that are called and are neither the file's own nor from an import, each with where it is first."""
    own = {found[2] or found[1].rpartition(".")[2] for found in _IMPORT.finditer(text)}
    own |= defined(text) | _WORDS | {"data", "input"}
    calls: dict[str, int] = {}
    for name, start, is_call in names(text):
        if is_call and name.partition(".")[0] not in own:
            calls.setdefault(name, start)
    return calls


def defined(text: str) -> set[str]:
    """The first names of the file's rules and functions."""
    return {found[1] for found in _HEAD.finditer(text)} | {found[1] for found in _FUNCTION.finditer(text)}


def functions(text: str) -> dict[str, int]:
    """The functions that a file has, each with how many arguments it takes."""
    found: dict[str, int] = {}
    for name, start, is_call in names(text):
        if is_call and (start == 0 or text[start - 1] == "\n") and name not in found:
            found[name] = _arguments(text[start + len(name) :])
    return found


def _arguments(text: str) -> int:
    """How many stand between the parentheses with which a text begins."""
    depth, commas, something = 0, 0, False
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0:
            break
        commas += sign == "," and depth == 1
        something = something or not (sign.isspace() or sign == "(")
    return commas + something


def place(text: str, start: int) -> tuple[int, int]:
    """Line and column of a character, from 1."""
    line = text.count("\n", 0, start) + 1
    return line, start - (text.rfind("\n", 0, start) + 1) + 1


def partial_rules(text: str) -> Iterator[tuple[str, int]]:
    """The rules that are sets, `deny contains …` and `deny[…]`, once for each time they are written, with the line."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := _PARTIAL.match(line):
            yield found["name"], number
