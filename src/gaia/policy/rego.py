"""What can be told of a Rego file without an engine: which rules it has, what it refers to, and where.

The text is read token by token, as OPA's scanner does, so that nothing in a string or a comment counts, and a rule is
found wherever its line begins. The process that evaluates reads this too, so it imports little.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

Form = Literal["set", "function", "other"]
_TOKEN = re.compile(
    r'(?P<text>"(?:\\.|[^"\\\n])*"|`[^`]*`)|#[^\n]*|(?P<name>[A-Za-z_]\w*)|(?P<sign>\d[\w.]*|[^\s\w]|\w)', re.ASCII
)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_WORD = re.compile(r"\w+")
_KEYWORDS = frozenset(
    ("if", "in", "not", "some", "every", "contains", "else", "with", "as", "import", "package", "default")
)
_OPEN, _CLOSED = frozenset("([{"), frozenset(")]}")


class Token(NamedTuple):
    """A name, a keyword, a text, a number or one sign; a tuple, for there are very many."""

    kind: str
    """`name`, `text` or `sign`."""
    text: str
    start: int

    @property
    def ends_operand(self) -> bool:
        """Whether an operand may end with it, so that what follows is an operator or begins something new."""
        if self.kind == "name":
            return self.text not in _KEYWORDS
        return self.kind == "text" or self.text in _CLOSED or self.text[0].isdigit()


@dataclass(frozen=True, slots=True)
class Head:
    """One statement of a rule."""

    name: str
    """The first name of it: `deny` of `deny.a contains x`."""
    start: int
    form: Form
    """`set`: `NAME contains x`, and `NAME[x]` of version 0. Everything else that is no function is `other`."""
    default: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """A name with its steps, `data.x["y"]`, however that is written."""

    path: tuple[str, ...]
    start: int
    called: bool

    @property
    def name(self) -> str:
        """With dots."""
        return ".".join(self.path)


@lru_cache(maxsize=512)
def tokens(text: str) -> tuple[Token, ...]:
    """Everything but blanks and comments."""
    return tuple(
        Token(found.lastgroup, found.group(), found.start()) for found in _TOKEN.finditer(text) if found.lastgroup
    )


@lru_cache(maxsize=512)
def heads(text: str) -> tuple[Head, ...]:
    """Each statement of a rule, wherever on a line it begins.

    Outside of brackets a name that follows an operand can only begin a statement, for two operands never follow each
    other; what begins with `package` or `import` is none of a rule.
    """
    found: list[Head] = []
    held = tokens(text)
    depth = 0
    for number, token in enumerate(held):
        if token.kind == "sign":
            depth += (token.text in _OPEN) - (token.text in _CLOSED)
            continue
        if depth or token.kind != "name" or token.text in _KEYWORDS:
            continue
        before = held[number - 1] if number else None
        default = before is not None and before.text == "default"
        if before is None or before.ends_operand or default:
            found.append(Head(token.text, token.start, _form(held, number + 1), default))
    return tuple(found)


def _form(held: Sequence[Token], at: int) -> Form:
    """The form of a head whose name stands before the token `at`."""
    after = held[at].text if at < len(held) else ""
    if after == "contains":
        return "set"
    if after == "(":
        return "function"
    if after != "[":
        return "other"
    end = _closing(held, at)
    if end == at + 1:  # the next statement is about an empty array
        return "other"
    # `deny[x] if …` and `deny[x] = …` are objects, `deny[x].y` and `deny[x] contains y` sets within objects
    return (
        "set" if end + 1 >= len(held) or held[end + 1].text not in ("if", "=", ":", ".", "[", "contains") else "other"
    )


def _closing(held: Sequence[Token], at: int) -> int:
    """Where the bracket at `at` is closed; the end of the text where it is not."""
    depth = 0
    for number in range(at, len(held)):
        depth += (held[number].text in _OPEN) - (held[number].text in _CLOSED)
        if depth == 0:
            return number
    return len(held)


@lru_cache(maxsize=512)
def references(text: str) -> tuple[Reference, ...]:
    """Every name that is no step of another one, with its steps as far as they are written out."""
    held = tokens(text)
    found: list[Reference] = []
    number = 0
    while number < len(held):
        token = held[number]
        before = held[number - 1] if number else None
        number += 1
        if token.kind != "name" or (before is not None and before.text == "."):
            continue
        path = [token.text]
        while (step := _step(held, number)) is not None:
            path.append(step[0])
            number = step[1]
        called = number < len(held) and held[number].text == "("
        found.append(Reference(tuple(path), token.start, called))
    return tuple(found)


def _step(held: Sequence[Token], at: int) -> tuple[str, int] | None:
    """The step of a reference at `at`, `.x` or `["x"]`, and where the next one would be."""
    signs = held[at : at + 3]
    if len(signs) > 1 and signs[0].text == "." and signs[1].kind == "name":
        return signs[1].text, at + 2
    if len(signs) > 2 and signs[0].text == "[" and signs[1].kind == "text" and signs[2].text == "]":
        return string(signs[1].text), at + 3
    return None


def string(written: str) -> str:
    """What a text in quotes says."""
    if written[0] == "`":
        return written[1:-1]
    try:
        return str(json.loads(written, strict=False))
    except ValueError:
        return written[1:-1]


def package_named(text: str) -> str | None:
    """The package of a file, with dots; None where it names none, or one that cannot be written so."""
    held = tokens(text)
    if len(held) < 2 or held[0].text != "package" or held[1].kind != "name":
        return None
    path, at = [held[1].text], 2
    while (step := _step(held, at)) is not None:
        path.append(step[0])
        at = step[1]
    return ".".join(path) if all(map(_NAME.fullmatch, path)) else None


def imported(text: str) -> dict[str, str]:
    """What the file calls what it imports."""
    found = {}
    held = tokens(text)
    for number, token in enumerate(held):
        if token.text != "import" or token.kind != "name" or number + 1 >= len(held):
            continue
        path, at = [held[number + 1].text], number + 2
        while (step := _step(held, at)) is not None:
            path.append(step[0])
            at = step[1]
        renamed = at + 1 < len(held) and held[at].text == "as"
        found[held[at + 1].text if renamed else path[-1]] = ".".join(path)
    return found


def words(text: str) -> frozenset[str]:
    """Every word of the code: in names and texts, not in comments."""
    return frozenset(word for token in tokens(text) for word in _WORD.findall(token.text))


def called(text: str) -> dict[str, int]:
    """The functions that are called and are neither the file's own nor from an import, each with where it is first."""
    own = imported(text).keys() | defined(text) | _KEYWORDS | {"data", "input"}
    calls: dict[str, int] = {}
    for one in references(text):
        if one.called and one.path[0] not in own:
            calls.setdefault(one.name, one.start)
    return calls


def defined(text: str) -> set[str]:
    """The first names of the file's rules and functions."""
    return {head.name for head in heads(text)}


def functions(text: str) -> dict[str, int]:
    """The functions that a file has, each with how many arguments it takes."""
    found: dict[str, int] = {}
    for head in heads(text):
        if head.form == "function" and head.name not in found:
            found[head.name] = _arguments(text, head.start + len(head.name))
    return found


def _arguments(text: str, start: int) -> int:
    """How many stand between the parentheses that follow."""
    depth, commas, something = 0, 0, False
    for token in tokens(text):
        if token.start < start:
            continue
        depth += (token.text in _OPEN) - (token.text in _CLOSED)
        if depth == 0:
            break
        commas += token.text == "," and depth == 1
        something = something or token.text != "("
    return commas + something


def place(text: str, start: int) -> tuple[int, int]:
    """Line and column of a character, from 1."""
    line = text.count("\n", 0, start) + 1
    return line, start - (text.rfind("\n", 0, start) + 1) + 1
