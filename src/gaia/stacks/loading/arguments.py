"""The arguments of YAML functions: words, quotes of both kinds that hold words together, and expressions to the end.

Inside of quotes of one kind, two of them stand for one.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gaia.errors import Invalid

if TYPE_CHECKING:
    from gaia.errors import Position

_TOKEN: Final = re.compile(r"\s*(?:(\"(?:[^\"\r\n]|\"\")*\"|'(?:[^'\r\n]|'')*')|(\|)|([^\s|]+))")
_EXPRESSION: Final = frozenset(".[{|'\"")
OPTIONS: Final = ("default", "query", "path")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, a text in quotes or a pipe."""

    text: str
    """With its quotes."""
    at: int

    @property
    def plain(self) -> str:
        """Without its quotes."""
        return unquoted(self.text)


@dataclass(frozen=True, slots=True)
class Referred:
    """COMPONENT [STACK] EXPRESSION."""

    component: str
    stack: str
    """Empty where none is written."""
    expression: str


def unquoted(text: str) -> str:
    """A text without the quotes around it."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1].replace(text[0] * 2, text[0])
    return text


def _wrong(message: str, at: Position) -> Invalid:
    return Invalid("function-arguments", message, at=at, next_step="Correct the arguments.")


def divided(arguments: str, at: Position) -> list[Word]:
    """The words of some arguments.

    Raises:
        Invalid: `function-arguments` when a quote is not closed.
    """
    found: list[Word] = []
    for match in _TOKEN.finditer(arguments):
        quoted, pipe, word = match.groups()
        if word and word[0] in "'\"":
            raise _wrong(f"the quotes in {arguments!r} do not match", at)
        found.append(Word(quoted or pipe or word, match.start(match.lastindex or 0)))
    return found


def words(arguments: str, at: Position) -> list[str]:
    """The words without their quotes.

    Raises:
        Invalid: `function-arguments`.
    """
    return [word.plain for word in divided(arguments, at)]


def referred(arguments: str, name: str, at: Position) -> Referred:
    """The arguments of `!terraform.state` and `!terraform.output`.

    The expression begins at the first word that begins with `.`, `[`, `{`, `|` or a quote, and goes to the end; without
    one it is the last of two or three words.

    Raises:
        Invalid: `function-arguments`.
    """
    found = divided(arguments, at)
    last = found[-1].text if found else ""
    if len(found) in (2, 3) and last[:1] == '"' and '""' in last[1:-1]:
        parts = next(csv.reader([arguments.strip()], delimiter=" ", skipinitialspace=True), [])
        if len(parts) == len(found):
            return _checked([part.strip() for part in parts], name, at)
    if len(found) == 2 or (len(found) > 2 and found[1].text[0] in _EXPRESSION):
        return _checked([found[0].plain, unquoted(arguments[found[1].at :])], name, at)
    if len(found) > 3 and not found[2].text.strip("/|+*"):
        # An output's name and an operator: `id // "none"`.
        return _checked([found[0].plain, f".{arguments[found[1].at :].strip()}"], name, at)
    if len(found) == 3 or (len(found) > 3 and found[2].text[0] in _EXPRESSION):
        return _checked([found[0].plain, found[1].plain, unquoted(arguments[found[2].at :])], name, at)
    raise _wrong(f"!{name} needs COMPONENT [STACK] EXPRESSION", at)


def _checked(parts: list[str], name: str, at: Position) -> Referred:
    if not parts[0] or not parts[-1]:
        raise _wrong(f"!{name} needs COMPONENT [STACK] EXPRESSION", at)
    return Referred(parts[0], parts[1] if len(parts) > 2 else "", parts[-1])


def path_and_expression(arguments: str, at: Position) -> tuple[str, str]:
    """The arguments of `!include`: a path, and an expression that goes to the end.

    Raises:
        Invalid: `function-arguments`.
    """
    found = divided(arguments, at)
    if not found:
        raise _wrong("!include needs PATH [YQ]", at)
    return found[0].plain, unquoted(arguments[found[1].at :]) if len(found) > 1 else ""


def with_options(arguments: str, at: Position) -> tuple[list[str], dict[str, str]]:
    """Words, and the options behind pipes: `default VALUE`, `query YQ`, `path YQ`.

    Raises:
        Invalid: `function-arguments`.
    """
    found = divided(arguments, at)
    starts = [
        number for number, word in enumerate(found[:-1]) if word.text == "|" and found[number + 1].plain in OPTIONS
    ]
    head = found[: starts[0]] if starts else found
    if any(word.text == "|" for word in head):
        raise _wrong("behind | only `default VALUE`, `query YQ` and `path YQ` may stand", at)
    options: dict[str, str] = {}
    for start, end in zip(starts, [*starts[1:], len(found)], strict=False):
        name = found[start + 1].plain
        value = found[start + 2 : end]
        if not value or (name == "default" and len(value) > 1):
            raise _wrong(f"`| {name}` needs one value", at)
        stop = found[end].at if end < len(found) else len(arguments)
        options[name] = unquoted(arguments[value[0].at : stop])
    return [word.plain for word in head], options
