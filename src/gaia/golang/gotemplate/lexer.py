"""From a template's text to tokens, as Go's text/template cuts it.

The whole text is cut at once; what cannot be cut becomes an `error` token, so that an earlier mistake that only the
parser sees is reported first.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_SPACE = " \t\r\n"
_KEYWORDS = frozenset(("block", "break", "continue", "define", "else", "end", "if", "range", "nil", "template", "with"))
_IDENTIFIER = re.compile(r"\w+")
_NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?"
    r"|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?"
)
_SPACES = re.compile(r"[ \t\r\n]+")
_STRING = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"')
_CHARACTER = re.compile(r"'(?:[^'\\\n]|\\[^\n])*'")
_SINGLE = {"=": "assign", "|": "pipe", "(": "lparen", ")": "rparen"}


class Token(NamedTuple):
    """A piece of the text; `kind` is a keyword or one of the names in this module."""

    kind: str
    at: int
    text: str


class _Unlexable(Exception):
    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


def tokens(text: str, left: str, right: str) -> list[Token]:
    """Every token of `text`; the last is `eof`, or `error` with a message as its text."""
    cut: list[Token] = []
    try:
        _cut(text, left, right, cut)
    except _Unlexable as problem:
        cut.append(Token("error", problem.at, problem.message))
    else:
        cut.append(Token("eof", len(text), "EOF"))
    return cut


@lru_cache(maxsize=16)
def _trimmed_end(right: str) -> re.Pattern[str]:
    """A right delimiter with or without its trim marker."""
    return re.compile(r"(?P<trim>[ \t\r\n]-)?" + re.escape(right))


def _cut(text: str, left: str, right: str, cut: list[Token]) -> None:
    at = 0
    while True:
        start = text.find(left, at)
        if start < 0:
            if at < len(text):
                cut.append(Token("text", at, text[at:]))
            return
        inside = start + len(left)
        trim = text[inside : inside + 1] == "-" and text[inside + 1 : inside + 2] in tuple(_SPACE)
        piece = text[at:start]
        if trim:
            piece = piece.rstrip(_SPACE)
            inside += 2
        if piece:
            cut.append(Token("text", at, piece))
        if text.startswith("/*", inside):
            at = _comment(text, right, inside)
            continue
        cut.append(Token("left", start, left))
        at = _action(text, right, inside, cut)


def _comment(text: str, right: str, at: int) -> int:
    """Where the text goes on after the comment at `at`."""
    end = text.find("*/", at + 2)
    if end < 0:
        raise _Unlexable("unclosed comment", at)
    close = _trimmed_end(right).match(text, end + 2)
    if close is None:
        raise _Unlexable("comment ends before closing delimiter", at)
    return _after(text, close)


def _after(text: str, close: re.Match[str]) -> int:
    """The first place after a right delimiter, and after the space that its trim marker takes."""
    at = close.end()
    if close["trim"] and (space := _SPACES.match(text, at)):
        return space.end()
    return at


def _action(text: str, right: str, at: int, cut: list[Token]) -> int:
    """Cut the inside of one action; returns where the text goes on."""
    ending = _trimmed_end(right)
    depth = 0
    while True:
        close = ending.match(text, at)
        if close is not None:
            if depth:
                raise _Unlexable("unclosed left paren", at)
            cut.append(Token("right", at, right))
            return _after(text, close)
        if at >= len(text):
            raise _Unlexable("unclosed action", at)
        char = text[at]
        if char in _SPACE:
            at = _space(text, at, ending, cut)
            continue
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth < 0:
                raise _Unlexable("unexpected right paren", at)
        token = _word(text, at, right, char)
        cut.append(token)
        at += len(token.text)


def _space(text: str, at: int, ending: re.Pattern[str], cut: list[Token]) -> int:
    end = _end(_SPACES, text, at)
    # The last space may belong to the trim marker of the right delimiter.
    if ending.match(text, end - 1):
        end -= 1
    if end > at:
        cut.append(Token("space", at, text[at:end]))
    return end


def _word(text: str, at: int, right: str, char: str) -> Token:
    """The token that begins with `char`, which is neither space nor the end of the action."""
    if char in _SINGLE:
        return Token(_SINGLE[char], at, char)
    if char == ":":
        if text[at + 1 : at + 2] != "=":
            raise _Unlexable("expected :=", at)
        return Token("declare", at, ":=")
    if char in "\"'`":
        return _literal(text, at, char)
    if char == "$" or (char == "." and not text[at + 1 : at + 2].isdecimal()):
        return _field(text, at, right, char)
    if char in "+-." or (char.isascii() and char.isdecimal()):
        return _number(text, at)
    if _alphanumeric(char):
        return _identifier(text, at, right)
    if char.isascii() and char.isprintable():
        return Token("other", at, char)
    raise _Unlexable(f"unrecognized character in action: U+{ord(char):04X}", at)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """The end of what `pattern` takes at `at`."""
    match = pattern.match(text, at)
    return match.end() if match else at


def _alphanumeric(char: str) -> bool:
    return char == "_" or char.isalpha() or char.isdecimal()


def _run(text: str, at: int) -> int:
    """The end of the letters, digits and underscores at `at`."""
    match = _IDENTIFIER.match(text, at)
    if match is None:
        return at
    if not match.group().isascii():
        for offset, char in enumerate(match.group()):
            if not _alphanumeric(char):
                return at + offset
    return match.end()


def _terminated(text: str, at: int, right: str) -> None:
    if at < len(text) and text[at] not in " \t\r\n.,|:)(" and not text.startswith(right, at):
        raise _Unlexable(f"bad character U+{ord(text[at]):04X} {text[at]!r}", at)


def _field(text: str, at: int, right: str, char: str) -> Token:
    end = _run(text, at + 1)
    _terminated(text, end, right)
    word = text[at:end]
    if char == "$":
        return Token("variable", at, word)
    return Token("dot" if word == "." else "field", at, word)


def _identifier(text: str, at: int, right: str) -> Token:
    end = _run(text, at)
    _terminated(text, end, right)
    word = text[at:end]
    if word in _KEYWORDS:
        return Token(word, at, word)
    return Token("bool" if word in ("true", "false") else "identifier", at, word)


def _number(text: str, at: int) -> Token:
    end = _end(_NUMBER, text, at)
    kind = "number"
    if end < len(text) and text[end] in "+-":
        end = _end(_NUMBER, text, end)
        kind = "complex"
        if text[end - 1] != "i":
            raise _Unlexable(f"bad number syntax: {text[at:end]!r}", at)
    if end < len(text) and _alphanumeric(text[end]):
        raise _Unlexable(f"bad number syntax: {text[at : end + 1]!r}", at)
    return Token(kind, at, text[at:end])


def _literal(text: str, at: int, quote: str) -> Token:
    if quote == "`":
        end = text.find("`", at + 1)
        if end < 0:
            raise _Unlexable("unterminated raw quoted string", at)
        return Token("raw", at, text[at : end + 1])
    match = (_STRING if quote == '"' else _CHARACTER).match(text, at)
    if match is None:
        what = "quoted string" if quote == '"' else "character constant"
        raise _Unlexable(f"unterminated {what}", at)
    return Token("string" if quote == '"' else "character", at, match.group())
